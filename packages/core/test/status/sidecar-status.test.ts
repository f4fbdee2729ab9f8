import { expect, it } from 'vitest';
import { type SidecarStatus, sidecarStatusSchema } from '../../src/status/sidecar-status.ts';
import { AUDIENCE_CLASSES } from '../../src/vocabulary/audience-class.ts';
import { REJECTION_REASONS } from '../../src/vocabulary/rejection-reason.ts';

const AT = '2026-03-01T12:00:00.000Z';
const AT_MS = Date.parse(AT);
const never = { accepted: 0, rejected: 0, lastSeenAt: null, latestIssuedAt: null, latestExpiryAt: null };
const audiences = { legacy: never, target: never, bridge: never, foreign: never, opaque: never, invalid: never };
const status: SidecarStatus = {
  migration: 'orders-2026',
  service: 'orders-api',
  phase: 'migrate',
  issuance: { percent: 25, enabled: true, since: AT },
  acceptance: 'both',
  shown: { legacy: true, target: null },
  apiResponses: {
    legacy: { acceptedAt: AT, unauthorizedAt: null },
    target: { acceptedAt: null, unauthorizedAt: AT },
  },
  disagreements: { reasons: { wrong_type: 3 }, lastVerifiedAt: AT, lastUnverifiedAt: null },
  validUnauthorized: 0,
  lastValidUnauthorizedAt: null,
  unavailable: 0,
  lastUnavailableAt: AT,
  flags: { revision: '7', ageSeconds: 1, stale: false },
  audiences: { ...audiences, none: { ...never, lastSeenAt: AT } },
  rejections: Object.fromEntries(REJECTION_REASONS.map((reason) => [reason, 0])) as SidecarStatus['rejections'],
  afterClose: { rejected: 0 },
  foreignAudiences: { requests: 2, audiences: [{ audience: 'account', count: 2, lastSeenAt: AT }], truncated: false },
  openConnections: { legacy: 2, target: 1, bridge: 0 },
  forwardedHeaders: { replaced: 7, from: ['10.0.3.7'], lastAt: AT },
  keys: [{ side: 'legacy', ageSeconds: null, refreshes: { success: 0, failure: 1 } }],
  startedAt: AT,
  process: 'a3c1',
  version: '0.0.0',
};

it('reads a status, with its times in ms', () => {
  expect(sidecarStatusSchema.parse(status)).toEqual({
    ...status,
    issuance: { percent: 25, enabled: true, since: AT_MS },
    apiResponses: {
      legacy: { acceptedAt: AT_MS, unauthorizedAt: null },
      target: { acceptedAt: null, unauthorizedAt: AT_MS },
    },
    disagreements: { reasons: { wrong_type: 3 }, lastVerifiedAt: AT_MS, lastUnverifiedAt: null },
    foreignAudiences: {
      requests: 2,
      audiences: [{ audience: 'account', count: 2, lastSeenAt: AT_MS }],
      truncated: false,
    },
    lastUnavailableAt: AT_MS,
    forwardedHeaders: { replaced: 7, from: ['10.0.3.7'], lastAt: AT_MS },
    audiences: { ...audiences, none: { ...never, lastSeenAt: AT_MS } },
    startedAt: AT_MS,
  });
});

it('ignores what a newer sidecar adds', () => {
  const reasons = { a_new_reason: 1 };
  const newer = {
    ...status,
    flags: { ...status.flags, colour: 'red' },
    disagreements: { ...status.disagreements, reasons },
    novel: 1,
  };
  expect(sidecarStatusSchema.parse(newer).disagreements.reasons).toEqual(reasons);
});

it('reads the status of an older sidecar, which knows neither open connections nor replaced headers', () => {
  const { openConnections: _connections, forwardedHeaders: _headers, ...older } = status;
  expect(sidecarStatusSchema.parse(older)).not.toHaveProperty('openConnections');
});

it('has every audience class', () => {
  expect(Object.keys(sidecarStatusSchema.shape.audiences.shape)).toEqual(AUDIENCE_CLASSES);
});
