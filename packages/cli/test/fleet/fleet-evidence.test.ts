import { DEFAULT_FLAG_DOCUMENT, type FlagDocument, type FlagsPlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { EMPTY_FLEET, type FleetSnapshot, type MeterReading, type SideSighting } from '../../src/fleet/fleet.ts';
import { acceptedBy, type EvidenceFrame, flagsTakeMs, fleetEvidenceOf } from '../../src/fleet/fleet-evidence.ts';

const HOUR = 3_600_000;
const NOW_MS = 100 * HOUR;
const MOVED_MS = NOW_MS - HOUR;
const never: SideSighting = { acceptedMs: null, unauthorizedMs: null, commanded: undefined };
const flags: FlagsPlan = {
  source: 'appconfig',
  application: 'a',
  environment: 'e',
  profile: 'p',
  pollIntervalMs: 15_000,
};
const plan = { flags, gate: { silenceMs: 24 * HOUR, coverage: 1, blindMs: 300_000, soakMs: 0 } };

function reading(
  meter: string,
  sides: Partial<MeterReading['sides']> = {},
  verifiedMs: number | null = null,
): MeterReading {
  return {
    evidence: {
      meter,
      watchedSinceMs: 0,
      legacy: { lastSeenMs: null, latestIssuedMs: null, latestExpiryMs: null },
      target: { lastSeenMs: null },
      lastValidUnauthorizedMs: null,
      disagreements: { lastVerifiedMs: verifiedMs, lastUnverifiedMs: null, reasons: {} },
    },
    sides: { legacy: never, target: never, ...sides },
    missingTargetKeys: null,
    issuancePercent: 0,
    revision: '1',
    flagsSource: null,
    flagsHash: null,
    stale: false,
    validUnauthorized: 0,
    openConnections: null,
    forwardedHeaders: null,
    upstream: null,
  };
}

const fleetOf = (...readings: MeterReading[]): FleetSnapshot => ({
  ...EMPTY_FLEET,
  expected: readings.length,
  readings,
  drain: { kind: 'metered', meters: readings.map(({ evidence }) => evidence) },
});
const moved: FlagDocument = {
  ...DEFAULT_FLAG_DOCUMENT,
  issuance: { enabled: true, percent: 25, revision: '2', sinceMs: MOVED_MS },
};
const frame = { document: moved, plan, nowMs: NOW_MS };

describe('what an API accepts', () => {
  it('is what it showed since the last move, not before', () => {
    const before = { ...never, acceptedMs: MOVED_MS - 1 };
    expect(acceptedBy(reading('one', { target: before }), 'target', frame)).toBe('unknown');
    expect(acceptedBy(reading('one', { target: { ...never, acceptedMs: MOVED_MS } }), 'target', frame)).toBe(
      'accepted',
    );
  });

  it('counts those that accept, and names those that refuse', () => {
    const fleet = fleetOf(
      reading('one', { target: { ...never, acceptedMs: NOW_MS } }),
      reading('two', { target: { ...never, unauthorizedMs: NOW_MS } }),
      reading('three'),
    );
    expect(fleetEvidenceOf(fleet, frame)).toMatchObject({ acceptingTarget: 1, refusingTarget: ['two'] });
  });
});

describe('what happened since the last move', () => {
  it('is a refusal of a valid token of either side, or a verified disagreement', () => {
    const fleet = fleetOf(
      reading('one', { legacy: { ...never, acceptedMs: NOW_MS, unauthorizedMs: NOW_MS - 5 } }),
      reading('two', {}, NOW_MS - 7),
    );
    expect(fleetEvidenceOf(fleet, frame)).toMatchObject({
      refusedValidMs: NOW_MS - 5,
      refusedBy: ['one'],
      disagreedMs: NOW_MS - 7,
    });
  });

  it('is nothing that came before it, or longer than the silence ago', () => {
    const old = reading('one', { target: { ...never, unauthorizedMs: MOVED_MS - 1 } }, MOVED_MS - 1);
    expect(fleetEvidenceOf(fleetOf(old), frame)).toMatchObject({ refusedValidMs: null, disagreedMs: null });
    const unmoved = { ...frame, document: DEFAULT_FLAG_DOCUMENT };
    const lastWeek = reading('one', { target: { ...never, unauthorizedMs: NOW_MS - 25 * HOUR } });
    expect(fleetEvidenceOf(fleetOf(lastWeek), unmoved).refusedValidMs).toBeNull();
  });
});

describe('what holds a rollback', () => {
  const reopenedMs = NOW_MS - 20_000;
  const reopened = { ...frame, document: { ...moved, acceptanceSinceMs: reopenedMs } };
  const holds = (fleet: FleetSnapshot, in_: EvidenceFrame = reopened) =>
    fleetEvidenceOf(fleet, in_).legacyHolds.map(({ meter }) => meter);

  it('is nothing while the legacy audience was never closed, whatever instances show', () => {
    expect(holds(fleetOf(reading('one', { legacy: { ...never, commanded: false } })), frame)).toEqual([]);
  });

  it('is an instance that refuses legacy, and one that was seen closed and is silent', () => {
    const gone = { meter: 'gone', legacy: { ...never, commanded: false } };
    const fleet = fleetOf(reading('one', { legacy: { ...never, commanded: false } }), reading('two'));
    expect(holds({ ...fleet, silent: [gone] })).toEqual(['one', 'gone']);
  });

  it('is no silent instance once its flags had six poll intervals', () => {
    const gone = { meter: 'gone', legacy: { ...never, commanded: false } };
    const later = { ...reopened, nowMs: reopenedMs + flagsTakeMs(plan) };
    expect(flagsTakeMs(plan)).toBe(90_000);
    expect(holds({ ...fleetOf(reading('one')), silent: [gone] }, later)).toEqual([]);
  });

  it('is the fleet for one poll interval, while not all of it shows that it has reopened', () => {
    const soon = { ...reopened, nowMs: reopenedMs + 14_999 };
    expect(holds(fleetOf(reading('one')), soon)).toEqual(['the fleet']);
    expect(holds(EMPTY_FLEET, soon)).toEqual(['the fleet']);
    expect(holds(fleetOf(reading('one')), { ...soon, nowMs: reopenedMs + 15_000 })).toEqual([]);
    expect(holds(fleetOf(reading('one', { legacy: { ...never, acceptedMs: reopenedMs } })), soon)).toEqual([]);
  });
});
