import type { GatePlan, MigrationPlan, SidecarPlan } from '../plan/plan.ts';
import { formatDuration } from '../vocabulary/duration.ts';
import { describeDisagreements, mergeDisagreements } from './disagreements.ts';
import {
  type CheckResult,
  DRAIN_CHECKS,
  type DrainCheckName,
  type DrainVerdict,
  fail,
  inconclusive,
  pass,
  toVerdict,
} from './drain-check.ts';
import type { Evidence, MeterEvidence } from './evidence.ts';
import { describeOpenConnections } from './open-connections.ts';

/** The part of a plan that the gate needs. */
export type DrainPlan = Pick<MigrationPlan, 'legacy' | 'clockToleranceMs'> & {
  readonly gate: Pick<GatePlan, 'silenceMs' | 'coverage'>;
  readonly sidecar?: Pick<SidecarPlan, 'legacyConnections'>;
};

/** What to do about more meters than expected. */
export const SURPLUS_METERS =
  'one that counts twice may hide one that is missing: correct the scrape jobs or the expected number, and let an API count by itself or by a sidecar, not by both';

type Check = (evidence: Evidence, plan: DrainPlan, nowMs: number) => CheckResult;

/**
 * Decides whether the legacy audience can be closed without rejecting a valid token. Any doubt prevents `pass`.
 * Relies on the evidence: it cannot know of a request that no meter saw, which is why `coverage`, `watched` and
 * `target_traffic` exist.
 * @param now the present, in ms.
 */
export function drainVerdict(evidence: Evidence, plan: DrainPlan, now: number): DrainVerdict {
  const checks = DRAIN_CHECKS.map((name) => ({ name, ...DRAIN_CHECK[name](evidence, plan, now) }));
  const note = describeOpenConnections(evidence.openConnections, plan.sidecar);
  return toVerdict(checks, note === undefined ? [] : [note], now);
}

/** The window that must be silent: the slowest client's cycle, and the life of a token it may still hold. */
export function drainWindowMs(plan: DrainPlan): number {
  return plan.gate.silenceMs + plan.legacy.tokenLifetimeMs + plan.clockToleranceMs;
}

/** How long a session that got a legacy token may go on to get and use them (RFC 6749 §6). */
export function sessionHorizonMs(plan: Pick<DrainPlan, 'legacy' | 'clockToleranceMs'>): number {
  return plan.legacy.sessionLifetimeMs + plan.legacy.tokenLifetimeMs + plan.clockToleranceMs;
}

export const DRAIN_CHECK: Readonly<Record<DrainCheckName, Check>> = {
  issuance({ issuance }) {
    if (issuance.enabled && issuance.percent === 100) return pass('every login asks for the target audience');
    return fail(`${issuance.percent}% of logins ask for the target audience: advance to 100 first`);
  },

  coverage({ meters, expectedMeters }, { gate }) {
    if (expectedMeters === null || expectedMeters <= 0) return inconclusive('the number of expected meters is unknown');
    const detail = `${meters.length} of ${expectedMeters} expected meters responded`;
    if (meters.length > expectedMeters) return inconclusive(`${detail}: ${SURPLUS_METERS}`);
    return meters.length / expectedMeters >= gate.coverage ? pass(detail) : inconclusive(detail);
  },

  watched({ meters }, plan, now) {
    const windowMs = drainWindowMs(plan);
    const youngest = latest(meters, (meter) => meter.watchedSinceMs);
    if (youngest === null) return inconclusive('no meter watches');
    const detail = `every meter has watched for at least ${formatDuration(now - youngest)}; the window is ${formatDuration(windowMs)}`;
    return now - youngest >= windowMs ? pass(detail) : inconclusive(detail, youngest + windowMs);
  },

  silence({ issuance, meters }, plan, now) {
    const windowMs = drainWindowMs(plan);
    const lastSeen = latest(meters, (meter) => meter.legacy.lastSeenMs);
    // Until issuance moved, a login could still get a legacy token: earlier silence proves nothing.
    const moved = issuance.sinceMs;
    if (moved !== null && moved > (lastSeen ?? -1) && now - moved < windowMs) {
      const detail = `issuance reached ${issuance.percent}% ${formatDuration(now - moved)} ago; the window is ${formatDuration(windowMs)}`;
      return fail(detail, moved + windowMs);
    }
    if (meters.length === 0) return inconclusive('no meter watches');
    if (lastSeen === null) return pass('no legacy token was seen');
    const detail = `the last legacy token was seen ${formatDuration(now - lastSeen)} ago; the window is ${formatDuration(windowMs)}`;
    return now - lastSeen >= windowMs ? pass(detail) : fail(detail, lastSeen + windowMs);
  },

  expiry({ meters }, { clockToleranceMs }, now) {
    if (meters.length === 0) return inconclusive('no meter watches');
    const expiry = latest(meters, (meter) => meter.legacy.latestExpiryMs);
    const deadAt = expiry === null ? now : expiry + clockToleranceMs;
    if (deadAt <= now) return pass('every legacy token that was seen has expired');
    return fail(`a legacy token that was seen stays valid for ${formatDuration(deadAt - now)}`, deadAt);
  },

  sessions(evidence, plan, now) {
    const { meter, lastIssuanceMs } = lastLegacyIssuance(evidence);
    if (lastIssuanceMs === null) return inconclusive('nothing tells when the last legacy token was issued');
    const horizonMs = sessionHorizonMs(plan);
    const overAt = lastIssuanceMs + horizonMs;
    const detail = `the last legacy issuance (${meter}) was ${formatDuration(now - lastIssuanceMs)} ago; its sessions and tokens live ${formatDuration(horizonMs)}`;
    return overAt <= now ? pass(detail) : fail(detail, overAt);
  },

  target_traffic({ meters }, plan, now) {
    const windowMs = drainWindowMs(plan);
    const blind = meters.filter(({ target }) => target.lastSeenMs === null || now - target.lastSeenMs >= windowMs);
    if (meters.length === 0) return inconclusive('no meter watches');
    if (blind.length === 0) return pass('every meter saw a target token within the window');
    const names = blind.map(({ meter }) => meter).join(', ');
    return inconclusive(
      `no target token was seen within ${formatDuration(windowMs)} by ${names}: it may be blind, or idle: send it a request with a real target token`,
    );
  },

  answers({ meters }, plan, now) {
    if (meters.length === 0) return inconclusive('no meter watches');
    const last = latest(meters, (meter) => meter.lastValidUnauthorizedMs);
    const windowMs = drainWindowMs(plan);
    if (last === null || now - last >= windowMs) return pass('the API refused no valid token');
    return fail(`the API refused a valid token ${formatDuration(now - last)} ago`, last + windowMs);
  },

  disagreements({ meters }, plan, now) {
    const windowMs = drainWindowMs(plan);
    const found = mergeDisagreements(meters);
    const unknown = meters.filter(({ disagreements }) => disagreements === null).map(({ meter }) => meter);
    const isRecent = (ms: number | null) => ms !== null && now - ms < windowMs;
    const lastMs = Math.max(found.lastVerifiedMs ?? 0, found.lastUnverifiedMs ?? 0);
    const passesAtMs = unknown.length === 0 ? lastMs + windowMs : null;
    const kinds = [
      isRecent(found.lastVerifiedMs) && 'verified',
      isRecent(found.lastUnverifiedMs) && 'unverified',
    ] as const;
    const detail = kinds
      .filter((kind) => kind !== false)
      .map((kind) => describeDisagreements(kind, found, windowMs, now))
      .join('; ');
    if (kinds[0] !== false) return fail(detail, passesAtMs);
    if (kinds[1] !== false) return inconclusive(detail, passesAtMs);
    if (meters.length === 0) return inconclusive('no meter watches');
    if (unknown.length === 0) return pass('the API accepted no token that the plan refuses');
    return inconclusive(
      `${unknown.join(', ')}: too old to tell whether the API accepts tokens that the plan refuses: upgrade it`,
    );
  },
};

/**
 * When a legacy token was last issued, at the latest: when issuance went to 100 %, when the youngest meter began to
 * watch, or the newest `iat` that was seen. A login that sees the switch late issues legacy tokens after it went to
 * 100 %; a meter that watches sees them used, but one that restarts forgets them, so its start bounds them again.
 */
function lastLegacyIssuance({ issuance, meters }: Evidence): { meter: string; lastIssuanceMs: number | null } {
  const bounds = [
    { meter: 'before issuance reached 100%', lastIssuanceMs: issuance.sinceMs },
    { meter: 'before the meters watched', lastIssuanceMs: latest(meters, (meter) => meter.watchedSinceMs) },
    { meter: 'a token seen', lastIssuanceMs: latest(meters, (meter) => meter.legacy.latestIssuedMs) },
  ];
  return bounds.reduce((last, bound) => ((bound.lastIssuanceMs ?? -1) > (last.lastIssuanceMs ?? -1) ? bound : last));
}

function latest(meters: readonly MeterEvidence[], time: (meter: MeterEvidence) => number | null): number | null {
  let newest: number | null = null;
  for (const meter of meters) {
    const value = time(meter);
    if (value !== null && (newest === null || value > newest)) newest = value;
  }
  return newest;
}
