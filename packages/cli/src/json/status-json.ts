import { z } from 'zod';
import {
  count,
  disagreements,
  drain,
  failure,
  instant,
  list,
  meterAndWhy,
  minting,
  move,
  openConnections,
  phase,
  position,
  runningBrownout,
  share,
  texts,
  watch,
} from './parts.ts';

/** Whether an API accepts a side; `null`: not known. */
const accepts = z.boolean().nullable();

/** What one meter reports of itself and of the API behind it. */
export const meter = z
  .object({
    meter: z.string(),
    accepts: z.object({ legacy: accepts, target: accepts }),
    watchedSince: instant,
    legacyLastSeenAt: instant.nullable(),
    targetLastSeenAt: instant.nullable(),
    missingTargetKeys: z.string().nullable(),
    issuancePercent: share.nullable(),
    revision: z.string().nullable(),
    flagsSource: z.string().nullable(),
    flagsHash: z.string().nullable(),
    stale: z.boolean(),
    validUnauthorized: count,
    openConnections: openConnections.nullable(),
    forwardedHeaders: z.object({ replaced: count, from: texts }).nullable(),
    upstream: z.object({ failures: count, lastFailureAt: instant, lastCode: z.string() }).nullable(),
    brownout: z.object({ refused: count.exactOptional(), stopped: z.boolean().exactOptional() }).exactOptional(),
    requests: z.object({ requests: count, rejected: count }).exactOptional(),
    /** Its requests by audience class since it started; `null` where it does not tell. */
    audiences: z.record(z.string(), count).readonly().nullable(),
    /** The id of its run. */
    process: z.string().exactOptional(),
  })
  .meta({ id: 'meter', description: 'What one meter reports of itself and of the API behind it.' });

/** How many instances show what they do with tokens of a side. */
const shownCounts = z.object({ accepted: count, refused: count, unknown: count });

const fleetGroups = z
  .object({
    count,
    accepts: z.object({ legacy: shownCounts, target: shownCounts }),
    flags: list(
      z.object({
        count,
        revision: z.string().nullable(),
        source: z.string().nullable(),
        hash: z.string().nullable(),
        percent: share.nullable(),
      }),
    ),
  })
  .meta({
    id: 'fleetGroups',
    description: 'A large fleet, those in meters included: how many show or hold the same; null where meters has each.',
  });

const timeMs = z.number().nullable();

/** What the instances of the API show, whatever the flags command. */
const fleet = z
  .object({
    expected: count.nullable(),
    responding: count,
    acceptingTarget: count,
    preparedForTarget: count.exactOptional(),
    legacyHolds: list(meterAndWhy.extend({ untilMs: timeMs })),
    refusedValidMs: timeMs.exactOptional(),
    disagreedMs: timeMs.exactOptional(),
    refusedBy: texts.exactOptional(),
    flagsApart: list(meterAndWhy).exactOptional(),
    refusingTarget: texts.exactOptional(),
    targetKeysMissing: list(z.object({ meter: z.string(), reason: z.string() })).exactOptional(),
    /** Each instance; of a large fleet those that need attention. */
    meters: list(meter),
    groups: fleetGroups.nullable(),
    missing: list(meterAndWhy),
  })
  .meta({ id: 'fleet', description: 'What the instances of the API show, whatever the flags command.' });

/** What flags and meters tell of one plan. */
export const planStatus = z.object({
  migration: z.string(),
  phase,
  reason: z.string(),
  next: z.string(),
  issuance: z.object({
    enabled: z.boolean(),
    percent: share,
    revision: z.string().nullable(),
    since: instant.nullable(),
  }),
  acceptance: position.shape.acceptance,
  /** Whether the legacy audience was closed, and opened again. */
  reopened: z.boolean(),
  fleet,
  disagreements,
  openConnections: openConnections.nullable(),
  /** The instances whose API took a legacy token after the close. */
  stillTakingLegacy: texts,
  minting,
  drain: drain.extend({ eta: z.string() }),
  watch,
});

/** What is going on in the flag store; what is not known is `null`. */
export const storeStatus = z.object({
  store: z.object({ source: z.string().nullable(), hash: z.string().nullable() }),
  deployments: list(z.object({ name: z.string(), startedAt: instant.nullable() })).nullable(),
  lastMove: move.nullable(),
  /** The meters that hold other flags than the store; `isHopeless`: they read another store. */
  apart: list(meterAndWhy.extend({ isHopeless: z.literal(true).exactOptional() })).nullable(),
});

const wholeStatus = planStatus.extend({ brownout: runningBrownout, ...storeStatus.shape });

export const STATUS = [
  wholeStatus,
  z.object({
    plans: list(
      z.union([wholeStatus.extend({ config: z.string() }), z.object({ config: z.string(), error: failure })]),
    ),
  }),
] as const;

export type FleetGroupsJson = z.infer<typeof fleetGroups> | null;
export type MissingJson = z.infer<typeof fleet>['missing'];
export type MeterJson = z.infer<typeof meter>;
export type PlanStatusJson = z.infer<typeof planStatus>;
export type StoreStatusJson = z.infer<typeof storeStatus>;
