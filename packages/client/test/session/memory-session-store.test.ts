import { expect, test } from 'vitest';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import { describeSessionStore } from './session-store-contract.ts';

describeSessionStore('memory', () => createMemorySessionStore());

const SESSION = { sealed: 'sealed', version: '1' };

test('a full store drops the sessions that would end first', async () => {
  const store = createMemorySessionStore({ maxSessions: 3 });
  await store.create('pending', SESSION, 600_000);
  await store.create('first', SESSION, 3_600_000);
  await store.create('second', SESSION, 3_600_000);
  await store.create('third', SESSION, 3_600_000);
  const kept = await Promise.all(['pending', 'first', 'second', 'third'].map((key) => store.get(key)));
  expect(kept.map((session) => session !== undefined)).toEqual([false, true, true, true]);
});

test('a full store drops no living session while there are dead ones', async () => {
  let nowMs = 0;
  const store = createMemorySessionStore({ maxSessions: 2, now: () => nowMs });
  await store.create('short', SESSION, 1000);
  await store.create('long', SESSION, 3_600_000);
  nowMs = 2000;
  await store.create('new', SESSION, 1000);
  expect(await store.get('long')).toBeDefined();
  expect(await store.get('new')).toBeDefined();
});

test('wrong options are a configuration error that lists them all', () => {
  expect(() => createMemorySessionStore({ maxSessions: 0, now: 1 as never })).toThrow(
    'session store: maxSessions: must be a whole number above 0; now: must be a function that returns milliseconds',
  );
});
