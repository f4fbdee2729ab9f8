import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEmulator } from '../src/emulator.ts';

const BIN = resolve(import.meta.dirname, '../bin/crossfade-appconfig-emulator.js');

function startProgram(...argv: string[]): ChildProcessWithoutNullStreams {
  const program = spawn(process.execPath, [BIN, ...argv]);
  onTestFinished(() => void program.kill('SIGKILL'));
  return program;
}

async function readAll(program: ChildProcessWithoutNullStreams) {
  let out = '';
  let err = '';
  program.stdout.on('data', (chunk) => (out += chunk));
  program.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(program, 'close');
  return { code, out, err };
}

test('prints one line when it listens, serves, and stops cleanly on SIGTERM', async () => {
  const program = startProgram('--port', '0', '--poll-interval-seconds', '1', '--frozen');
  const ended = readAll(program);
  const [line] = await once(program.stdout, 'data');
  const url = /^crossfade-appconfig-emulator listens on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(line))?.[1];
  expect((await fetch(`${url}/_emulator`)).status).toBe(200);
  program.kill('SIGTERM');
  expect(await ended).toEqual({ code: 0, out: String(line), err: '' });
});

test('exits 2 with every problem on bad arguments', async () => {
  const { code, out, err } = await readAll(startProgram('--port', 'x', '--bogus'));
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe(
    [
      'crossfade-appconfig-emulator: --bogus is not a known option',
      'crossfade-appconfig-emulator: --port takes a whole number from 0 to 65535',
      'crossfade-appconfig-emulator: see --help',
      '',
    ].join('\n'),
  );
});

test('prints help and exits 0', async () => {
  const { code, out } = await readAll(startProgram('--help'));
  expect(code).toBe(0);
  expect(out).toContain('Usage: crossfade-appconfig-emulator');
});

test('prints its version and exits 0', async () => {
  const { code, out } = await readAll(startProgram('--version'));
  expect(code).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('exits 2 with the reason when the port is in use', async () => {
  const emulator = createEmulator();
  onTestFinished(() => emulator.close());
  const { url } = await emulator.listen();
  const { code, err } = await readAll(startProgram('--port', new URL(url).port));
  expect(code).toBe(2);
  expect(err).toBe(
    `crossfade-appconfig-emulator: cannot listen on 127.0.0.1:${new URL(url).port}: ` +
      'the port is in use; choose another one with --port, or 0 for any free one\n',
  );
});
