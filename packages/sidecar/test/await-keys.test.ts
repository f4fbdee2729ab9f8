import type { KeyStatus } from '@crossfade/validator';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AwaitedKeys, awaitKeys } from '../src/await-keys.ts';
import { createRecordingLog } from './fixture/log.ts';

const SLOW = 'https://idp.example.com did not respond in time';
const refreshes = { success: 0, failure: 1 };

let missing: Readonly<Record<'legacy' | 'target', string | undefined>>;
let asked: number;
let log: ReturnType<typeof createRecordingLog>;
let keys: AwaitedKeys | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  missing = { legacy: SLOW, target: SLOW };
  asked = 0;
  log = createRecordingLog();
});
afterEach(() => {
  keys?.close();
  vi.useRealTimers();
});

function start() {
  keys = awaitKeys(
    {
      keys: (): KeyStatus[] =>
        (['legacy', 'target'] as const).map((side) => {
          const reason = missing[side];
          return { side, ageSeconds: null, refreshes, ...(reason !== undefined && { missing: reason }) };
        }),
      loadKeys: async () => {
        asked += 1;
      },
    },
    log,
  );
  return keys;
}

test('asks at once, and without a log line where the keys come', async () => {
  missing = { legacy: undefined, target: undefined };
  const awaited = start();
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(awaited.missing()).toBeUndefined();
  expect(asked).toBe(1);
  expect(log.lines).toEqual([]);
});

test('asks until they are there, at least every 5 seconds, and logs one line when it begins to wait and one at its end', async () => {
  const awaited = start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBeGreaterThan(12);
  expect(asked).toBeLessThan(40);
  expect(awaited.missing()).toBe(`no keys of legacy and target yet (${SLOW})`);
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { event: 'keys', problem: awaited.missing() } }]);

  missing = { legacy: undefined, target: undefined };
  await vi.advanceTimersByTimeAsync(5_000);
  expect(awaited.missing()).toBeUndefined();
  expect(log.lines).toMatchObject([{ level: 'warn' }, { level: 'info', fields: { event: 'keys' } }]);
  const before = asked;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(before);
});

test('names each side with its own reason', () => {
  missing = { legacy: undefined, target: 'https://a.example.com answered 503' };
  expect(start().missing()).toBe('no keys of target yet (https://a.example.com answered 503)');

  missing = { legacy: SLOW, target: 'https://a.example.com answered 503' };
  expect(start().missing()).toBe(
    `no keys of legacy yet (${SLOW}); no keys of target yet (https://a.example.com answered 503)`,
  );
});

test('sees keys that a request has brought before it asks again', async () => {
  const awaited = start();
  await vi.advanceTimersByTimeAsync(100);
  missing = { legacy: undefined, target: undefined };

  expect(awaited.missing()).toBeUndefined();
});

test('stays in service when keys are too old later', async () => {
  missing = { legacy: undefined, target: undefined };
  const awaited = start();
  expect(awaited.missing()).toBeUndefined();
  missing = { legacy: SLOW, target: SLOW };

  expect(awaited.missing()).toBeUndefined();
});

test('asks no more once it is closed', async () => {
  start().close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
  expect(log.lines).toEqual([]);
});
