import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/verb/io.ts';
import { createReport } from '../../src/verb/report.ts';

function capture(io: Partial<Io>, format: 'text' | 'json' = 'text') {
  const written = { stdout: '', stderr: '' };
  const report = createReport(
    {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
      env: {},
      cwd: '/',
      ...io,
    },
    format,
  );
  return { report, written };
}

describe('a report', () => {
  it('leaves stdout empty with --json but still warns', () => {
    const { report, written } = capture({}, 'json');
    report.print('result');
    report.field('label', 'text');
    report.warn('careful');
    expect(written).toEqual({ stdout: '', stderr: 'careful\n' });
  });

  it('shows progress on a terminal only, and clears it before the next line', () => {
    const pipe = capture({});
    pipe.report.progress('working');
    expect(pipe.written.stderr).toBe('');
    const terminal = capture({ isTerminal: true });
    terminal.report.progress('working');
    terminal.report.print('done');
    expect(terminal.written.stderr.endsWith('working\r\u001B[2K')).toBe(true);
  });

  it('gets no reply without a terminal, at the end of stdin, or after an abort', async () => {
    expect(await capture({ stdin: new PassThrough() }).report.ask('Sure?')).toBeUndefined();
    expect(await capture({ isTerminal: true }).report.ask('Sure?')).toBeUndefined();
    const ended = new PassThrough();
    ended.end();
    expect(await capture({ isTerminal: true, stdin: ended }).report.ask('Sure?')).toBeUndefined();
    const interrupt = new AbortController();
    const asked = capture({ isTerminal: true, stdin: new PassThrough(), signal: interrupt.signal }).report.ask('Sure?');
    interrupt.abort();
    expect(await asked).toBeUndefined();
  });
});
