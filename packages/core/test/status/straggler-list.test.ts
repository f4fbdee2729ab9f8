import { expect, it } from 'vitest';
import { stragglerListSchema } from '../../src/status.ts';

it('reads the list of stragglers, with its times in ms, and ignores what a newer sidecar adds', () => {
  const client = { clientId: null, accepted: 3, latestIssuedAt: null, latestExpiryAt: null, stillMinting: false };
  const lastSeenAt = '2026-03-01T12:00:00.000Z';
  const why = { rejected: 1, reasons: { wrong_type: 1 }, openConnections: 2 };
  expect(
    stragglerListSchema.parse({ clients: [{ ...client, ...why, lastSeenAt, novel: 1 }], truncated: false }),
  ).toEqual({ clients: [{ ...client, ...why, lastSeenAt: Date.parse(lastSeenAt) }], truncated: false });
});

it('reads the list of an older sidecar, which knows accepted tokens only', () => {
  const client = { clientId: 'a', accepted: 3, lastSeenAt: null, latestIssuedAt: null, latestExpiryAt: null };
  const older = { clients: [{ ...client, stillMinting: false }], truncated: false };
  expect(stragglerListSchema.parse(older).clients).toEqual([
    { ...client, stillMinting: false, rejected: 0, reasons: {}, openConnections: 0 },
  ]);
});
