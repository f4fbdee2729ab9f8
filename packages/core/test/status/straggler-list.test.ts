import { expect, it } from 'vitest';
import { stragglerListSchema } from '../../src/status.ts';

it('reads the list of stragglers, with its times in ms, and ignores what a newer sidecar adds', () => {
  const client = { clientId: null, accepted: 3, latestIssuedAt: null, latestExpiryAt: null, stillMinting: false };
  const lastSeenAt = '2026-03-01T12:00:00.000Z';
  expect(stragglerListSchema.parse({ clients: [{ ...client, lastSeenAt, rejected: 1 }], truncated: false })).toEqual({
    clients: [{ ...client, lastSeenAt: Date.parse(lastSeenAt) }],
    truncated: false,
  });
});
