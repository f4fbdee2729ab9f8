import { DEFAULT_FLAG_DOCUMENT } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createStragglers, readStragglers } from '../../src/meter/stragglers.ts';
import { createSettableFlags } from '../fixture/flags.ts';
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

test('distinguishes clients that still get legacy tokens from those that use up old ones', () => {
  const stragglers = createStragglers();
  const flags = createSettableFlags();
  stragglers.note({ ...ACCEPTED, clientId: 'draining', issuedAt: 900 }, 1_000_000);
  stragglers.note({ ...ACCEPTED, clientId: 'minting', issuedAt: 1_001 }, 1_002_000);
  stragglers.note({ ...ACCEPTED, clientId: 'unknown', issuedAt: undefined }, 1_003_000);
  const minting = (startedAtMs: number) =>
    Object.fromEntries(
      readStragglers(stragglers, flags, startedAtMs).clients.map((client) => [client.clientId, client.stillMinting]),
    );

  expect(minting(1_000_000)).toEqual({ draining: false, minting: true, unknown: false });
  expect(minting(800_000)).toEqual({ draining: true, minting: true, unknown: false });
  const issuance = { enabled: true, percent: 100, revision: null, sinceMs: 1_000_000 };
  flags.set({ document: { ...DEFAULT_FLAG_DOCUMENT, issuance } });
  expect(minting(800_000)).toEqual({ draining: false, minting: true, unknown: false });
});

test('returns the JSON of /stragglers as the contract specifies', () => {
  const stragglers = createStragglers();
  stragglers.note(ACCEPTED, 5_000);
  expect(readStragglers(stragglers, createSettableFlags(), 0)).toEqual({
    clients: [
      {
        clientId: 'web-app',
        accepted: 1,
        lastSeenAt: '1970-01-01T00:00:05.000Z',
        latestIssuedAt: '1970-01-01T00:16:40.000Z',
        latestExpiryAt: '1970-01-01T00:33:20.000Z',
        stillMinting: true,
      },
    ],
    truncated: false,
  });
});
