import { z } from 'zod';
import {
  count,
  disagreements,
  drain,
  instant,
  list,
  meterAndWhy,
  minting,
  move,
  openConnections,
  phase,
  runningBrownout,
  side,
  texts,
  verdict,
  watch,
} from './parts.ts';

export const GATE = [
  z.object({
    migration: z.string(),
    phase,
    ...drain.shape,
    disagreements,
    watch,
    openConnections: openConnections.nullable(),
    minting,
    missing: list(meterAndWhy),
  }),
] as const;

export const HISTORY = [z.object({ migration: z.string(), brownout: runningBrownout, moves: list(move) })] as const;

const textOrUnknown = z.string().nullable();

/** A move with its positions in words. */
const reportedMove = move.extend({ from: textOrUnknown, to: textOrUnknown }).omit({ revision: true });

/** Who checks one audience, and what it was seen to do. */
const reportedCheck = z.object({
  instance: z.string(),
  side,
  by: z.string(),
  accepts: z.enum(['accepted', 'refused', 'unknown']),
});

/** The evidence of a migration; `null` is unknown. */
export const migrationReport = z.object({
  migration: z.string(),
  generatedAt: instant,
  generatedBy: z.string(),
  version: z.string(),
  phase: phase.nullable(),
  flags: z.object({ source: textOrUnknown, hash: textOrUnknown, revision: textOrUnknown, position: textOrUnknown }),
  sides: list(z.object({ side, name: z.string(), issuer: z.string(), known: z.string(), rules: z.string() })),
  phases: list(z.object({ phase: z.string(), startedAt: instant, endedAt: instant.nullable(), seconds: z.number() })),
  moves: list(reportedMove),
  brownout: runningBrownout,
  gate: z.object({ verdict, checks: list(z.object({ name: z.string(), verdict, detail: z.string() })) }).nullable(),
  checks: list(reportedCheck),
  /** What the fleet shows now, in sentences. */
  verified: texts,
  /** What could not be read, in sentences. */
  unknown: texts,
});
export type MigrationReport = z.infer<typeof migrationReport>;
export type ReportedMove = z.infer<typeof reportedMove>;
export type ReportedCheck = z.infer<typeof reportedCheck>;

export const REPORT = [migrationReport] as const;

/** A client with legacy tokens, or with tokens that a close turns away. */
export const straggler = z.object({
  clientId: z.string().nullable(),
  accepted: count,
  rejected: count,
  reasons: z.record(z.string(), count).readonly(),
  lastSeenAt: instant.nullable(),
  latestIssuedAt: instant.nullable(),
  latestExpiryAt: instant.nullable(),
  stillMinting: z.boolean(),
  openConnections: count,
});

export const STRAGGLERS = [
  z.object({
    migration: z.string(),
    /** The 500 seen last. */
    clients: list(straggler),
    /** How many there are, with those that are not listed. */
    clientCount: count,
    truncated: z.boolean(),
    /** How many sidecars there are; `asked` of them had a turn in time. */
    known: count,
    asked: count,
    responded: count,
    partial: z.boolean(),
    /** The first 20 that were not asked or did not respond. */
    missing: list(meterAndWhy),
  }),
] as const;

/** A side as a plan writes it. */
const legacySetting = z.object({
  issuer: z.string(),
  audience: z.string().exactOptional(),
  clientIds: texts.exactOptional(),
  withoutAudience: z.literal(true).exactOptional(),
});
export type LegacySetting = z.infer<typeof legacySetting>;

/** What a census proposes for the plan. */
const proposedSettings = z.object({
  legacy: legacySetting,
  clients: texts.exactOptional(),
  maxTokenBytes: count.exactOptional(),
});
export type ProposedSettings = z.infer<typeof proposedSettings>;

/** Tokens that are alike, over all sidecars. */
export const censusRow = z.object({
  issuer: z.string().nullable(),
  audiences: texts,
  clientId: z.string().nullable(),
  kind: z.string(),
  signature: z.string(),
  count,
  maxBytes: count,
  firstSeenAt: instant.nullable(),
  lastSeenAt: instant.nullable(),
});

export const CENSUS = [
  z.object({
    migration: z.string(),
    rows: list(censusRow),
    truncated: z.boolean(),
    asked: count,
    responded: count,
    partial: z.boolean(),
    missing: list(meterAndWhy),
    /** `null` where the plan names legacy already, or nothing is known yet. */
    proposal: proposedSettings
      .extend({ yaml: z.string(), candidates: list(legacySetting.extend({ count })), notes: texts })
      .nullable(),
  }),
] as const;

export type StragglerJson = z.infer<typeof straggler>;
export type CensusRowJson = z.infer<typeof censusRow>;
