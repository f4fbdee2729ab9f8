import { expect, test } from 'vitest';
import { HELP, readArguments } from '../src/arguments.ts';

test('without arguments it listens on loopback, on the default port', () => {
  expect(readArguments([])).toEqual({ kind: 'run', options: { host: '127.0.0.1', port: 2773, frozen: false } });
});

test('every option is read', () => {
  expect(readArguments(['--port', '0', '--host', '::1', '--poll-interval-seconds=1', '--frozen'])).toEqual({
    kind: 'run',
    options: { host: '::1', port: 0, pollIntervalSeconds: 1, frozen: true },
  });
});

test('every problem is reported at once', () => {
  const read = readArguments([
    '--port',
    '65536',
    '--poll-interval-seconds',
    '0',
    '--host=',
    '--frozen=1',
    '--verbose',
    'now',
  ]);
  expect(read).toEqual({
    kind: 'bad',
    problems: [
      '--verbose is not a known option',
      'now is not a known argument',
      '--port takes a whole number from 0 to 65535',
      '--host takes an address',
      '--poll-interval-seconds takes a whole number from 1 to 86400',
      '--frozen takes no value',
    ],
  });
});

test('an option without its value is a problem', () => {
  expect(readArguments(['--port'])).toEqual({ kind: 'bad', problems: ['--port takes a whole number from 0 to 65535'] });
});

test('-h, -v and --version work, and an unknown short option is reported with one dash', () => {
  expect(readArguments(['-h'])).toEqual({ kind: 'help' });
  for (const option of ['-v', '--version']) expect(readArguments([option])).toEqual({ kind: 'version' });
  for (const option of ['help', 'version'])
    expect(readArguments([`--${option}=1`])).toEqual({ kind: 'bad', problems: [`--${option} takes no value`] });
  expect(readArguments(['-p'])).toEqual({ kind: 'bad', problems: ['-p is not a known option'] });
});

test('help takes precedence and names every option', () => {
  expect(readArguments(['--help', '--bogus'])).toEqual({ kind: 'help' });
  for (const option of ['--port', '--host', '--poll-interval-seconds', '--frozen', '--help', '--version'])
    expect(HELP).toContain(option);
});
