import { expect, test } from 'vitest';
import { createStragglers } from '../../src/meter/stragglers.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

test('lists each client once, with its latest times, most recent first', () => {
  const stragglers = createStragglers();
  stragglers.note({ ...ACCEPTED, clientId: 'a', issuedAt: 10, expiresAt: 20 }, 1_000);
  stragglers.note({ ...ACCEPTED, clientId: 'b', issuedAt: undefined }, 2_000);
  stragglers.note({ ...ACCEPTED, clientId: 'a', issuedAt: 5, expiresAt: 30 }, 3_000);
  expect(stragglers.list()).toEqual([
    { clientId: 'a', accepted: 2, lastSeenMs: 3_000, latestIssuedSeconds: 10, latestExpirySeconds: 30 },
    { clientId: 'b', accepted: 1, lastSeenMs: 2_000, latestIssuedSeconds: null, latestExpirySeconds: 2_000 },
  ]);
  expect(stragglers.truncated()).toBe(false);
});

test('forgets the client seen least recently, and reports the list as truncated', () => {
  const stragglers = createStragglers(2);
  for (const [nth, clientId] of ['a', 'b', 'a', 'c'].entries()) stragglers.note({ ...ACCEPTED, clientId }, 1_000 + nth);
  expect(stragglers.list().map(({ clientId }) => clientId)).toEqual(['c', 'a']);
  expect(stragglers.truncated()).toBe(true);
});

test('stays bounded, however many and long the client ids are', () => {
  const stragglers = createStragglers();
  for (let index = 0; index < 2_000; index += 1)
    stragglers.note({ ...ACCEPTED, clientId: `${index}-`.padEnd(1_000, 'x') }, index);
  stragglers.note({ ...ACCEPTED, clientId: undefined }, 3_000);
  const list = stragglers.list();
  expect(list).toHaveLength(500);
  expect(list[0]?.clientId).toBeNull();
  expect(Math.max(...list.map(({ clientId }) => clientId?.length ?? 0))).toBe(256);
});
