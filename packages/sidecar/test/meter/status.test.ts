import { DEFAULT_FLAG_DOCUMENT, REJECTION_REASONS } from '@crossfade/core';
import { createMeter } from '@crossfade/validator/meter';
import { expect, test } from 'vitest';
import { readStatus } from '../../src/meter/status.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const KEYS = [{ side: 'legacy', ageSeconds: 3, refreshes: { success: 1, failure: 2 } }] as const;
const NO_REJECTIONS = Object.fromEntries(REJECTION_REASONS.map((reason) => [reason, 0]));
const NEVER = { accepted: 0, rejected: 0, lastSeenAt: null, latestIssuedAt: null, latestExpiryAt: null };

test('has every field that the contract names, with ISO 8601 times', () => {
  const meter = createMeter();
  const flags = createSettableFlags();
  flags.set({
    document: { ...DEFAULT_FLAG_DOCUMENT, issuance: { enabled: true, percent: 25, revision: '7', sinceMs: 3_600_000 } },
    revision: '7',
    source: 'file /flags.json',
    hash: '0123456789ab',
    ageSeconds: 1.5,
    stale: false,
  });
  meter.count(ACCEPTED, 5_000);
  meter.countValidUnauthorized('legacy', 6_000);
  meter.countDisagreement({ audience: 'legacy', reason: 'wrong_type' }, 6_000, 2);
  meter.noteApiResponse('legacy', 'accepted', 5_000);
  meter.noteApiResponse('target', 'unauthorized', 4_000);
  meter.countUnavailable(7_000);
  meter.count({ outcome: 'rejected', audience: 'invalid', reason: 'expired' }, 8_000);
  const status = readStatus({
    migration: 'orders-2026',
    service: 'orders-api',
    flags,
    acceptance: () => 'both',
    shown: () => ({ legacy: true, target: null }),
    isPrepared: () => true,
    meter,
    keys: () => KEYS,
    startedAtMs: 0,
    process: 'a3c1',
    version: '1.2.3',
    brownout: () => ({ percent: 2, untilMs: 7000, refused: 3, stopped: false }),
  });
  expect(status).toEqual({
    migration: 'orders-2026',
    service: 'orders-api',
    phase: 'migrate',
    issuance: { percent: 25, enabled: true, since: '1970-01-01T01:00:00.000Z' },
    acceptance: 'both',
    shown: { legacy: true, target: null },
    apiResponses: {
      legacy: { acceptedAt: '1970-01-01T00:00:05.000Z', unauthorizedAt: null },
      target: { acceptedAt: null, unauthorizedAt: '1970-01-01T00:00:04.000Z' },
    },
    disagreements: {
      reasons: { wrong_type: 2 },
      lastVerifiedAt: '1970-01-01T00:00:06.000Z',
      lastUnverifiedAt: null,
    },
    brownout: { percent: 2, until: '1970-01-01T00:00:07.000Z', refused: 3, stopped: false },
    validUnauthorized: 1,
    lastValidUnauthorizedAt: '1970-01-01T00:00:06.000Z',
    unavailable: 1,
    lastUnavailableAt: '1970-01-01T00:00:07.000Z',
    flags: { revision: '7', source: 'file /flags.json', hash: '0123456789ab', ageSeconds: 1.5, stale: false },
    audiences: {
      legacy: {
        accepted: 1,
        rejected: 0,
        lastSeenAt: '1970-01-01T00:00:05.000Z',
        latestIssuedAt: '1970-01-01T00:16:40.000Z',
        latestExpiryAt: '1970-01-01T00:33:20.000Z',
      },
      target: NEVER,
      bridge: NEVER,
      foreign: NEVER,
      opaque: NEVER,
      invalid: { ...NEVER, rejected: 2, lastSeenAt: '1970-01-01T00:00:08.000Z' },
      none: NEVER,
    },
    rejections: { ...NO_REJECTIONS, expired: 1 },
    afterClose: { rejected: 1 },
    preflights: 0,
    keys: KEYS,
    startedAt: '1970-01-01T00:00:00.000Z',
    process: 'a3c1',
    version: '1.2.3',
  });
});

test('reports the problem of the flags, and limits the expiry of a token to the latest date', () => {
  const meter = createMeter();
  const flags = createSettableFlags();
  flags.set({ problem: 'the file cannot be read' });
  meter.count({ ...ACCEPTED, expiresAt: Number.MAX_SAFE_INTEGER }, 5_000);
  const status = readStatus({
    migration: 'm',
    service: 's',
    flags,
    acceptance: () => 'legacy',
    shown: () => ({ legacy: null, target: null }),
    isPrepared: () => false,
    meter,
    keys: () => KEYS,
    startedAtMs: 0,
    process: 'a3c1',
    version: '0',
  });
  expect(status.flags).toEqual({
    revision: null,
    source: null,
    hash: null,
    ageSeconds: null,
    stale: true,
    problem: 'the file cannot be read',
  });
  expect(status.phase).toBe('prepare');
  expect(status.audiences.legacy.latestExpiryAt).toBe('+275760-09-13T00:00:00.000Z');
});
