import {
  AUDIENCE_CLASSES,
  type Brownout,
  commandedPhase,
  type FlagSource,
  formatInstant,
  type ObservedAcceptance,
  REJECTION_REASONS,
  type Side,
} from '@crossfade/core';

import type { AudienceStatus, SidecarStatus } from '@crossfade/core/status';
import type { BrownoutStatus, KeyStatus } from '@crossfade/validator';
import type { AudienceCount, Meter } from '@crossfade/validator/meter';

export interface StatusParts {
  readonly migration: string;
  readonly service: string;
  readonly flags: Pick<FlagSource, 'snapshot'>;
  readonly acceptance: () => ObservedAcceptance;
  readonly shown: () => SidecarStatus['shown'];
  /** Whether the API is known to be ready for target tokens, whatever moved since. */
  readonly isPrepared: () => boolean;
  readonly meter: Meter;
  readonly keys: () => readonly KeyStatus[];
  /** The one that is under way; with what became of it where the sidecar enforces. Absent: none. */
  readonly brownout?: () => Brownout | BrownoutStatus | null;
  readonly startedAtMs: number;
  /** A random id of this run. */
  readonly process: string;
  readonly version: string;
  /** The hash of the plan, for comparison. */
  readonly plan?: string;
}

/** Returns the JSON of `/status`, without the parts that only one mode has. */
export function readStatus({
  migration,
  service,
  flags,
  acceptance,
  shown,
  isPrepared,
  meter,
  keys,
  brownout = () => null,
  startedAtMs,
  process,
  version,
  plan,
}: StatusParts): SidecarStatus {
  const { document, revision, source, hash, ageSeconds, stale, problem } = flags.snapshot();
  const { percent, enabled, sinceMs } = document.issuance;
  const accepts = acceptance();
  const counts = AUDIENCE_CLASSES.map((audience) => [audience, meter.audience(audience)] as const);
  return {
    migration,
    service,
    phase: commandedPhase(document.acceptance, document.issuance, isPrepared()),
    issuance: { percent, enabled, since: formatInstant(sinceMs) },
    acceptance: accepts,
    shown: shown(),
    apiResponses: { legacy: apiResponsesOf(meter, 'legacy'), target: apiResponsesOf(meter, 'target') },
    validUnauthorized: counts.reduce((sum, [, { validUnauthorized }]) => sum + validUnauthorized, 0),
    lastValidUnauthorizedAt: formatInstant(meter.lastValidUnauthorizedMs()),
    disagreements: {
      reasons: disagreementsByReason(meter),
      lastVerifiedAt: formatInstant(meter.lastDisagreementMs('verified')),
      lastUnverifiedAt: formatInstant(meter.lastDisagreementMs('unverified')),
    },
    unavailable: meter.unavailable(),
    lastUnavailableAt: formatInstant(meter.lastUnavailableMs()),
    flags: {
      revision,
      source: source ?? null,
      hash: hash ?? null,
      ageSeconds,
      stale,
      ...(problem !== undefined && { problem }),
    },
    audiences: Object.fromEntries(
      counts.map(([audience, count]) => [audience, audienceStatus(count)]),
    ) as SidecarStatus['audiences'],
    rejections: Object.fromEntries(
      REJECTION_REASONS.map((reason) => [reason, meter.rejections(reason)]),
    ) as SidecarStatus['rejections'],
    afterClose: { rejected: meter.afterCloseRejections() },
    preflights: meter.preflights(),
    brownout: brownoutStatus(brownout()),
    keys: keys(),
    startedAt: formatInstant(startedAtMs),
    process,
    version,
    ...(plan !== undefined && { plan }),
  };
}

function apiResponsesOf(meter: Meter, side: Side): SidecarStatus['apiResponses'][Side] {
  return {
    acceptedAt: formatInstant(meter.apiResponseMs(side, 'accepted')),
    unauthorizedAt: formatInstant(meter.apiResponseMs(side, 'unauthorized')),
  };
}

/** Only the reasons that occurred. */
function disagreementsByReason(meter: Meter): Record<string, number> {
  const counts = REJECTION_REASONS.map((reason) => [reason, meter.disagreements(reason)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function audienceStatus({
  accepted,
  rejected,
  lastSeenMs,
  latestIssuedSeconds,
  latestExpirySeconds,
}: AudienceCount): AudienceStatus {
  return {
    accepted,
    rejected,
    lastSeenAt: formatInstant(lastSeenMs || null),
    latestIssuedAt: formatInstant(latestIssuedSeconds * 1000 || null),
    latestExpiryAt: formatInstant(latestExpirySeconds * 1000 || null),
  };
}

function brownoutStatus(brownout: Brownout | BrownoutStatus | null): NonNullable<SidecarStatus['brownout']> | null {
  if (brownout === null) return null;
  const { untilMs, ...rest } = brownout;
  return { ...rest, until: formatInstant(untilMs) };
}
