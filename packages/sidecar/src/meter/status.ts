import {
  AUDIENCE_CLASSES,
  type AudienceClass,
  derivePhase,
  type FlagSource,
  formatInstant,
  type ObservedAcceptance,
  type Phase,
  REJECTION_REASONS,
  type RejectionReason,
} from '@crossfade/core';
import type { KeyStatus } from '@crossfade/validator';
import type { CollectorStatus } from '../collect/collector-status.ts';
import type { AudienceCount, Meter } from './meter.ts';

/** What `/status` says of one audience class. Times are ISO 8601, `null` for never. */
interface AudienceStatus {
  readonly accepted: number;
  readonly rejected: number;
  readonly lastSeenAt: string | null;
  readonly latestIssuedAt: string | null;
  readonly latestExpiryAt: string | null;
}

/** The JSON of `/status`. */
export interface SidecarStatus {
  readonly migration: string;
  readonly service: string;
  readonly phase: Phase;
  readonly issuance: { readonly percent: number; readonly enabled: boolean; readonly since: string | null };
  readonly acceptance: ObservedAcceptance;
  /** What the API is known to accept, by what it answered or, where the sidecar decides, by the switch; `null`: unknown. */
  readonly shown: { readonly legacy: boolean | null; readonly target: boolean | null };
  /** Tokens judged valid and answered 401 by the API. */
  readonly validUnauthorized: number;
  readonly lastValidUnauthorizedAt: string | null;
  /** Requests whose token could not be judged; they count as `invalid`, whatever they were. */
  readonly unavailable: number;
  /** When one was last seen; of a collector, also when judgements may last have been missed. */
  readonly lastUnavailableAt: string | null;
  readonly flags: {
    readonly revision: string | null;
    readonly ageSeconds: number | null;
    readonly stale: boolean;
    readonly problem?: string;
  };
  readonly audiences: Readonly<Record<AudienceClass, AudienceStatus>>;
  /** Rejected requests by reason; together with `unavailable` they are all that was rejected. */
  readonly rejections: Readonly<Record<RejectionReason, number>>;
  readonly afterClose: { readonly rejected: number };
  /** The issuers' signing keys, by side. */
  readonly keys: readonly KeyStatus[];
  readonly startedAt: string;
  readonly version: string;
  /** Only in `collect` mode. */
  readonly collector?: CollectorStatus;
}

export interface StatusParts {
  readonly migration: string;
  readonly service: string;
  readonly flags: Pick<FlagSource, 'snapshot'>;
  readonly acceptance: () => ObservedAcceptance;
  readonly shown: () => SidecarStatus['shown'];
  readonly meter: Meter;
  readonly keys: () => readonly KeyStatus[];
  readonly startedAtMs: number;
  readonly version: string;
}

export function readStatus({
  migration,
  service,
  flags,
  acceptance,
  shown,
  meter,
  keys,
  startedAtMs,
  version,
}: StatusParts): SidecarStatus {
  const { document, revision, ageSeconds, stale, problem } = flags.snapshot();
  const { percent, enabled, sinceMs } = document.issuance;
  const accepts = acceptance();
  const counts = AUDIENCE_CLASSES.map((audience) => [audience, meter.audience(audience)] as const);
  return {
    migration,
    service,
    phase: derivePhase(accepts, document.issuance),
    issuance: { percent, enabled, since: formatInstant(sinceMs) },
    acceptance: accepts,
    shown: shown(),
    validUnauthorized: counts.reduce((sum, [, { validUnauthorized }]) => sum + validUnauthorized, 0),
    lastValidUnauthorizedAt: formatInstant(meter.lastValidUnauthorizedMs()),
    unavailable: meter.unavailable(),
    lastUnavailableAt: formatInstant(meter.lastUnavailableMs()),
    flags: { revision, ageSeconds, stale, ...(problem === undefined ? {} : { problem }) },
    audiences: Object.fromEntries(counts.map(([audience, count]) => [audience, audienceStatus(count)])) as Record<
      AudienceClass,
      AudienceStatus
    >,
    rejections: Object.fromEntries(REJECTION_REASONS.map((reason) => [reason, meter.rejections(reason)])) as Record<
      RejectionReason,
      number
    >,
    afterClose: { rejected: meter.afterCloseRejections() },
    keys: keys(),
    startedAt: formatInstant(startedAtMs),
    version,
  };
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
