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

  it('shows what a terminal would obey, and keeps its own colours', () => {
    const { report, written } = capture({ isTerminal: true });
    report.print(report.style('red', 'a\u001B[2Jb\rc\u202Ed'));
    report.field('label', 'one\u001B]0;title\u0007\n  written        revision 9');
    report.warn('careful\u009B2J');
    expect(written.stdout).toBe(
      '\u001B[31ma\uFFFD[2Jb\uFFFDc\uFFFDd\u001B[0m\n' +
        `  \u001B[2m${'label'.padEnd(14)}\u001B[0m one\uFFFD]0;title\uFFFD   written        revision 9\n`,
    );
    expect(written.stderr).toBe('careful\uFFFD2J\n');
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
