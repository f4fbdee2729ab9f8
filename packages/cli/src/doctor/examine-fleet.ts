import { DEFAULT_FLAG_DOCUMENT, type FlagDocument, formatDuration, UnavailableError } from '@crossfade/core';
import type { StoreView } from '../flag-store/store-view.ts';
import { type JudgedPlan, judgeDrain } from '../fleet/drain-evidence.ts';
import { flagsApart, metersApart } from '../fleet/flags-held.ts';
import type { Fleet, FleetSnapshot, MeterReading } from '../fleet/fleet.ts';
import { acceptedBy, acceptedOf, countShowing, type EvidenceFrame } from '../fleet/fleet-evidence.ts';
import { missingCount, respondingCount } from '../fleet/fleet-size.ts';
import { describeUpstreamFailures } from '../fleet/upstream-failures.ts';
import { examineForwardedHeaders } from './examine-forwarded-headers.ts';
import { type Finding, fail, pass, unknown, warn } from './finding.ts';

/** What the meters show, as far as they can be read, and what was found. */
export interface FleetExamination {
  readonly findings: readonly Finding[];
  readonly snapshot: FleetSnapshot | undefined;
}

/**
 * Checks that every meter responds and holds the flags of the store, and that the API accepts no token that the plan
 * refuses.
 */
export async function examineFleet(
  fleet: Fleet | undefined,
  view: StoreView | undefined,
  plan: JudgedPlan & EvidenceFrame['plan'],
  nowMs: number,
): Promise<FleetExamination> {
  if (fleet === undefined) {
    const remedy = 'set gate.prometheus, or gate.sidecars with the admin or metrics URL of each one';
    return { findings: [fail('meters', 'the plan names no meters', remedy)], snapshot: undefined };
  }
  let snapshot: FleetSnapshot;
  try {
    snapshot = await fleet.read(nowMs, { document: view?.document, hash: view?.position?.stored.hash });
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const remedy = 'check gate.prometheus in the plan and the network';
    return { findings: [fail('meters', error.message, remedy)], snapshot: undefined };
  }
  const document = view?.document;
  const frame = { document: document ?? DEFAULT_FLAG_DOCUMENT, plan, nowMs };
  return {
    snapshot,
    findings: [
      ...examineExpected(fleet, snapshot),
      ...snapshot.missing.map(({ meter, why }) =>
        fail(
          'meter',
          `${meter}: ${why}`,
          'start it, correct its address in the plan, or set CROSSFADE_READ_TOKEN where it wants that',
        ),
      ),
      ...examineGroups(snapshot, frame),
      ...snapshot.readings.map((reading) => examineReading(reading, frame)),
      ...examineStore(snapshot, view),
      ...snapshot.readings.flatMap(examineForwardedHeaders),
      ...snapshot.readings.flatMap((reading) => examineUpstream(reading, nowMs)),
      ...examineDisagreements(snapshot, plan, nowMs),
    ],
  };
}

/** A client whose token the plan refuses is turned away as soon as a validator enforces, in any phase. */
function examineDisagreements(snapshot: FleetSnapshot, plan: JudgedPlan, nowMs: number): Finding[] {
  if (snapshot.readings.length === 0) return [];
  const { checks } = judgeDrain(snapshot, DEFAULT_FLAG_DOCUMENT.issuance, plan, nowMs);
  const action = 'settle it before a validator enforces or the legacy audience is closed';
  return checks
    .filter(({ name, verdict }) => name === 'disagreements' && verdict !== 'pass')
    .map(({ verdict, detail }) => (verdict === 'fail' ? fail : warn)('disagreements', detail, action));
}

function examineExpected({ source }: Fleet, snapshot: FleetSnapshot): Finding[] {
  const { expected } = snapshot;
  if (expected === null) {
    return [
      fail(
        'meters',
        `${source} does not know how many meters to expect`,
        'record crossfade:expected_instances:sum for this migration',
      ),
    ];
  }
  const known = respondingCount(snapshot) + missingCount(snapshot);
  if (known > expected) {
    const detail = `${source} knows ${known} meters and expects ${expected}`;
    return [fail('meters', detail, 'correct the scrape jobs or the expected number: one may be scraped twice')];
  }
  if (known === expected) return [];
  return [
    fail('meters', `${source} knows ${known} of ${expected} expected meters`, 'check why the others are not scraped'),
  ];
}

function examineUpstream(reading: MeterReading, nowMs: number): Finding[] {
  const failed = describeUpstreamFailures(reading, nowMs);
  if (failed === undefined) return [];
  const action =
    'check that the API listens at sidecar.upstream, speaks sidecar.upstreamProtocol, and responds within sidecar.responseTimeout';
  return [warn('upstream', `${reading.evidence.meter}: ${failed}`, action)];
}

/** Compares the flags of every meter with the store: by its name, the hash and the share. */
function examineStore(snapshot: FleetSnapshot, view: StoreView | undefined): Finding[] {
  if (view === undefined || respondingCount(snapshot) === 0) return [];
  const apart =
    view.position === undefined ? sharesApart(snapshot, view.document) : flagsApart(snapshot, view.position);
  const silent = metersApart(snapshot, ({ flagsHash, issuancePercent }) =>
    flagsHash === null && issuancePercent === null ? { why: 'not told' } : undefined,
  );
  if (silent.length > 0)
    return [
      unknown(
        'store',
        `which flags ${silent.map(({ meter }) => meter).join(', ')} holds is not told`,
        'bring it to this release, and let Prometheus scrape crossfade_flags_info',
      ),
    ];
  if (apart.length === 0)
    return [pass('store', `each of ${respondingCount(snapshot)} meters holds the flags of the store`)];
  return apart.map(({ meter, why, isHopeless }) =>
    isHopeless
      ? fail('store', `${meter} ${why}`, 'correct flags in its plan, or in this one: a move would not reach it')
      : warn(
          'store',
          `${meter} ${why}`,
          'wait one poll interval; if they still differ, check its connection to the store',
        ),
  );
}

/** Through an AppConfig Agent only the share is known of the store. */
function sharesApart(snapshot: FleetSnapshot, { issuance }: FlagDocument): ReturnType<typeof flagsApart> {
  return metersApart(snapshot, ({ issuancePercent }) =>
    issuancePercent === null || issuancePercent === issuance.percent
      ? undefined
      : { why: `holds ${issuancePercent}% target, the store ${issuance.percent}%` },
  );
}

/** A large fleet is examined as a whole; those that need attention are named after it. */
function examineGroups(snapshot: FleetSnapshot, frame: EvidenceFrame): Finding[] {
  const { groups } = snapshot;
  if (groups === undefined) return [];
  const accepting = countShowing(snapshot, 'target', (target) => acceptedOf(target, frame) === 'accepted');
  const detail = `the APIs of ${accepting} of ${groups.count} instances are known to accept target tokens`;
  if (accepting === groups.count) return [pass('meter', detail)];
  return [warn('meter', detail, 'send each one a real token for the target audience alone before you advance')];
}

function examineReading(reading: MeterReading, frame: EvidenceFrame): Finding {
  const { evidence, stale, validUnauthorized, missingTargetKeys } = reading;
  const { meter } = evidence;
  if (stale) return fail('meter', `${meter} holds a stale flag document`, 'check its connection to the flag store');
  if (validUnauthorized > 0) {
    const detail = `${meter}: the API refused a valid token ${validUnauthorized} times`;
    return warn('meter', detail, 'compare the API settings with the plan');
  }
  if (missingTargetKeys !== null) {
    return fail(
      'meter',
      `${meter}: the sidecar has no keys of target yet (${missingTargetKeys})`,
      'let the sidecar reach the issuer of target, or correct target.issuer and target.keys in its plan',
    );
  }
  if (acceptedBy(reading, 'target', frame) !== 'accepted') {
    return warn(
      'meter',
      `${meter}: the API is not known to accept target tokens`,
      'send it a real token for the target audience alone before you advance',
    );
  }
  return pass(
    'meter',
    `${meter} has watched for ${formatDuration(frame.nowMs - evidence.watchedSinceMs)}, and its API accepts target tokens`,
  );
}
