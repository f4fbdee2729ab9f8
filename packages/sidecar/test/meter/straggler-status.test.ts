import { DEFAULT_FLAG_DOCUMENT } from '@crossfade/core';
import { expect, test } from 'vitest';
import { readStragglers } from '../../src/meter/straggler-status.ts';
import { createStragglers } from '../../src/meter/stragglers.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

test('tells clients that still get legacy tokens from those that use up old ones', () => {
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

test('lists clients as the contract says', () => {
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
