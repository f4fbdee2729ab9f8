import { DEFAULT_FLAG_DOCUMENT } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createStragglers, readStragglers } from '../../src/meter/stragglers.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { ACCEPTED, rejectedOf } from '../fixture/judgement.ts';

const SILENCE_MS = 60_000;

function open(maxClients?: number) {
  let nowMs = 0;
  const limit = maxClients === undefined ? {} : { maxClients };
  return {
    stragglers: createStragglers({ now: () => nowMs, silenceMs: SILENCE_MS, ...limit }),
    setNow: (ms: number) => {
      nowMs = ms;
    },
  };
}

const BRIDGE = { ...ACCEPTED, audience: 'bridge' } as const;

test('lists each client once, with its latest times, most recent first', () => {
  const { stragglers } = open();
  stragglers.note({ ...ACCEPTED, clientId: 'a', issuedAt: 10, expiresAt: 20 }, 1_000);
  stragglers.note({ ...ACCEPTED, clientId: 'b', issuedAt: undefined }, 2_000);
  stragglers.note({ ...ACCEPTED, clientId: 'a', issuedAt: 5, expiresAt: 30 }, 3_000);
  expect(stragglers.list()).toMatchObject([
    { clientId: 'a', accepted: 2, lastSeenMs: 3_000, latestIssuedSeconds: 10, latestExpirySeconds: 30 },
    { clientId: 'b', accepted: 1, lastSeenMs: 2_000, latestIssuedSeconds: null, latestExpirySeconds: 2_000 },
  ]);
  expect(stragglers.truncated()).toBe(false);
});

test('forgets the client seen least recently, and reports the list as truncated', () => {
  const { stragglers } = open(2);
  for (const [nth, clientId] of ['a', 'b', 'a', 'c'].entries()) stragglers.note({ ...ACCEPTED, clientId }, 1_000 + nth);
  expect(stragglers.list().map(({ clientId }) => clientId)).toEqual(['c', 'a']);
  expect(stragglers.truncated()).toBe(true);
});

test('stays bounded, however many and long the client ids are', () => {
  const { stragglers } = open();
  for (let index = 0; index < 2_000; index += 1)
    stragglers.note({ ...ACCEPTED, clientId: `${index}-`.padEnd(1_000, 'x') }, index);
  stragglers.note({ ...ACCEPTED, clientId: undefined }, 3_000);
  const list = stragglers.list();
  expect(list).toHaveLength(500);
  expect(list[0]?.clientId).toBeNull();
  expect(Math.max(...list.map(({ clientId }) => clientId?.length ?? 0))).toBe(256);
});

test('distinguishes clients that still get legacy tokens from those that use up old ones', () => {
  const { stragglers } = open();
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
  const { stragglers } = open();
  stragglers.note(ACCEPTED, 5_000);
  expect(readStragglers(stragglers, createSettableFlags(), 0)).toEqual({
    clients: [
      {
        clientId: 'web-app',
        accepted: 1,
        rejected: 0,
        reasons: {},
        lastSeenAt: '1970-01-01T00:00:05.000Z',
        latestIssuedAt: '1970-01-01T00:16:40.000Z',
        latestExpiryAt: '1970-01-01T00:33:20.000Z',
        openConnections: 0,
        stillMinting: true,
      },
    ],
    truncated: false,
  });
});

test('lists clients whose legacy tokens are rejected, with the reasons, until their tokens expire', () => {
  const { stragglers } = open();
  stragglers.note(rejectedOf('legacy', 'foreign_audience'), 1_000);
  stragglers.note(rejectedOf('legacy', 'foreign_audience', { issuedAt: 1_500 }), 2_000);
  stragglers.note(rejectedOf('legacy', 'wrong_type'), 3_000, 4);
  stragglers.note(ACCEPTED, 4_000);
  stragglers.note(rejectedOf('legacy', 'expired', { expired: true, clientId: 'expired' }), 5_000);
  expect(stragglers.list()).toMatchObject([
    {
      clientId: 'web-app',
      accepted: 1,
      rejected: 6,
      reasons: { foreign_audience: 2, wrong_type: 4 },
      lastSeenMs: 4_000,
      latestIssuedSeconds: 1_500,
    },
  ]);
});

test('lists clients with bridge tokens, and says whether a close would refuse them', () => {
  const { stragglers } = open();
  stragglers.note({ ...BRIDGE, clientId: 'safe', afterClose: 'accepted' }, 1_000, 2);
  stragglers.note({ ...BRIDGE, clientId: 'refused', afterClose: 'rejected' }, 2_000);
  stragglers.note(rejectedOf('bridge', 'insufficient_scope', { clientId: 'turned-away' }), 3_000);
  const { clients } = readStragglers(stragglers, createSettableFlags(), 0);
  expect(clients.map(({ clientId, reasons, stillMinting }) => [clientId, reasons, stillMinting])).toEqual([
    ['turned-away', { insufficient_scope: 1 }, true],
    ['refused', { after_close: 1 }, true],
    ['safe', { bridge: 2 }, false],
  ]);
});

test('does not list clients that a close does not concern', () => {
  const { stragglers } = open();
  stragglers.note({ ...ACCEPTED, audience: 'target', afterClose: 'accepted' }, 1_000);
  stragglers.note(rejectedOf('target', 'wrong_type'), 1_000);
  stragglers.note(rejectedOf('foreign', 'wrong_audience'), 1_000);
  stragglers.note({ outcome: 'rejected', audience: 'invalid', reason: 'bad_signature' }, 1_000);
  expect(stragglers.list()).toEqual([]);
});

test('lists clients whose tokens we refuse and the API takes, once', () => {
  const { stragglers } = open();
  const listed = rejectedOf('legacy', 'wrong_type', { clientId: 'legacy' });
  stragglers.note(listed, 1_000);
  stragglers.noteDisagreement(listed, 1_000);
  stragglers.noteDisagreement(rejectedOf('legacy', 'expired', { clientId: 'late', expired: true }), 2_000);
  stragglers.noteDisagreement(rejectedOf('target', 'wrong_type', { clientId: 'target' }), 3_000);
  stragglers.noteDisagreement(rejectedOf('foreign', 'wrong_audience', { clientId: 'foreign' }), 4_000, 2);
  stragglers.noteDisagreement({ outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' }, 5_000);
  expect(stragglers.list().map(({ clientId, rejected, reasons }) => [clientId, rejected, reasons])).toEqual([
    ['foreign', 2, { wrong_audience: 2 }],
    ['target', 1, { wrong_type: 1 }],
    ['late', 1, { expired: 1 }],
    ['legacy', 1, { wrong_type: 1 }],
  ]);
});

test('forgets a client once its last token has expired and it has been silent for long enough', () => {
  const { stragglers, setNow } = open(2);
  stragglers.note({ ...ACCEPTED, clientId: 'early', expiresAt: 10 }, 50_000);
  stragglers.note({ ...ACCEPTED, clientId: 'lasting', expiresAt: 1_000 }, 1_000);
  const listed = () => stragglers.list().map(({ clientId }) => clientId);
  setNow(109_999);
  expect(listed()).toEqual(['early', 'lasting']);
  setNow(110_000);
  expect(listed()).toEqual(['lasting']);
  setNow(999_999);
  expect(listed()).toEqual(['lasting']);
  stragglers.note({ ...ACCEPTED, clientId: 'late', expiresAt: 2_000 }, 999_999);
  setNow(1_000_000);
  stragglers.note({ ...ACCEPTED, clientId: 'next', expiresAt: 2_000 }, 1_000_000);
  expect(listed()).toEqual(['next', 'late']);
  expect(stragglers.truncated()).toBe(false);
});

test('keeps a client listed while a connection of its token is open, whatever else', () => {
  const { stragglers, setNow } = open(2);
  const client = (clientId: string) => ({ ...ACCEPTED, clientId });
  const noteEnds = [1, 2].map(() => stragglers.open(client('open'), 1_000));
  const listed = () => stragglers.list().map(({ clientId, openConnections }) => [clientId, openConnections]);
  stragglers.note(client('b'), 2_000);
  stragglers.note(client('c'), 3_000);
  expect(listed()).toEqual([
    ['c', 0],
    ['open', 2],
  ]);
  setNow(100_000_000);
  expect(listed()).toEqual([['open', 2]]);
  noteEnds[0]?.();
  expect(listed()).toEqual([['open', 1]]);
  noteEnds[1]?.();
  expect(listed()).toEqual([]);
});

test('stays bounded when every client has a connection open', () => {
  const { stragglers } = open(2);
  const noteEnds = ['a', 'b', 'c'].map((clientId, nth) => stragglers.open({ ...ACCEPTED, clientId }, 1_000 + nth));
  expect(stragglers.list().map(({ clientId }) => clientId)).toEqual(['c', 'b']);
  expect(stragglers.truncated()).toBe(true);
  for (const noteEnd of noteEnds) noteEnd?.();
  expect(stragglers.list().map(({ openConnections }) => openConnections)).toEqual([0, 0]);
});

test('a connection of a token that a close does not concern names no client', () => {
  const { stragglers } = open();
  expect(stragglers.open({ ...ACCEPTED, audience: 'target' }, 1_000)).toBeUndefined();
  expect(stragglers.open({ outcome: 'rejected', audience: 'legacy', reason: 'expired' }, 1_000)).toBeUndefined();
  expect(stragglers.list()).toEqual([]);
});
