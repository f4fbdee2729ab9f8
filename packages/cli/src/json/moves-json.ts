import { z } from 'zod';
import {
  count,
  disagreements,
  drain,
  instant,
  list,
  meterAndWhy,
  minting,
  phase,
  position,
  refusals,
  share,
  texts,
} from './parts.ts';

/** A change that is written: `unconfirmed` until every meter shows it. */
export const writtenChange = z.object({
  revision: z.string(),
  writtenAt: instant,
  /** What the write stopped first. */
  stopped: z.string().nullable(),
  timeToEffectSeconds: z.number(),
  convergedAt: instant.nullable(),
  pending: list(meterAndWhy),
});
const written = { outcome: z.enum(['done', 'unconfirmed']), ...writtenChange.shape };

/** What a change would write: the flags as they would stand. */
export const dryRun = z.object({
  outcome: z.literal('dry-run'),
  wouldWrite: z.object({ revision: z.string(), flags: z.record(z.string(), z.unknown()) }),
});

const requestCounts = z.object({ requests: count, rejected: count });

/** The evidence that an advance goes on. */
export const advanceEvidence = z.object({
  instances: z.object({ expected: count.nullable(), responding: count, acceptingTarget: count, holdingFlags: count }),
  /** What happened since the last step; `null`: none is recorded, or it cannot be told. */
  step: z
    .object({
      validUnauthorized: count,
      disagreements: count,
      rejections: z.union([
        requestCounts,
        z.object({
          method: z.string(),
          windowSeconds: count,
          before: requestCounts,
          after: requestCounts,
          verdict: z.enum(['too little traffic', 'steady', 'rose']),
          p: z.number().nullable(),
        }),
      ]),
    })
    .nullable(),
});

/** The facts of a forward move: where the switches stand, and where they would. */
export const moveFacts = z.object({
  migration: z.string(),
  from: position,
  /** `null` where it is refused. */
  to: position.extend({ phase }).nullable(),
  /** Of `close`: the legacy side's name, and the gate. */
  legacy: z.string().exactOptional(),
  gate: drain.exactOptional(),
  disagreements,
  minting,
  missing: list(meterAndWhy),
});

const evidence = { evidence: advanceEvidence.exactOptional() };

export const GUARDED_MOVE = [
  moveFacts.extend({ ...evidence, outcome: z.enum(['refused', 'dry-run']), refusals }),
  moveFacts.extend({ ...evidence, ...dryRun.shape }),
  moveFacts.extend({ ...evidence, outcome: z.literal('declined') }),
  /** Of a `close` that stands already. */
  moveFacts.extend({ outcome: z.literal('unchanged'), stillTaking: texts }),
  moveFacts.extend({
    ...evidence,
    ...written,
    /** Of `close`: the instances whose API still took a legacy token, and how many clients were known to come with one. */
    stillTaking: texts.exactOptional(),
    shadow: count.nullable().exactOptional(),
  }),
] as const;

/** A write that opened the legacy audience before a rollback. */
export const receipt = z.object({ revision: z.string(), writtenAt: instant, stopped: z.string().nullable() });

const rollbackFacts = z.object({
  migration: z.string(),
  requestedAt: instant,
  /** `null`: unknown, because the flag document is broken. */
  from: position.nullable(),
  reopened: receipt.nullable(),
});

export const ROLLBACK = [
  rollbackFacts.extend(written),
  rollbackFacts.extend({ outcome: z.literal('refused'), refusals }),
  rollbackFacts.pick({ migration: true, from: true }).extend(dryRun.shape),
  z.object({
    migration: z.string(),
    outcome: z.literal('unavailable'),
    problem: z.string(),
    /** What to paste. */
    breakGlass: texts,
  }),
] as const;

const named = z.object({ migration: z.string() });

export const REOPEN = [
  named.extend({ outcome: z.literal('unchanged') }),
  named.extend(dryRun.shape),
  named.extend(written),
] as const;

/** What runs before the verb; `null` for none. */
export const brownoutFacts = named.extend({ before: z.object({ percent: share, until: instant }).nullable() });

const begun = brownoutFacts.extend({
  percent: share,
  /** The known clients with legacy tokens, and those of them that it concerns; `null` where no sidecar can be asked. */
  clients: z.object({ known: count, concerned: texts, nextPercent: share.nullable() }).nullable(),
});

export const BROWNOUT = [
  brownoutFacts.extend({ outcome: z.literal('refused'), refusal: z.string() }),
  begun.extend(dryRun.shape),
  begun.extend({ outcome: z.literal('declined') }),
  begun.extend({ until: instant, ...written }),
  /** With `--stop`. */
  brownoutFacts.extend({ outcome: z.literal('unchanged') }),
  brownoutFacts.extend(dryRun.shape),
  brownoutFacts.extend(written),
] as const;

export type WrittenChangeJson = z.infer<typeof writtenChange>;
export type DryRunJson = z.infer<typeof dryRun>;
export type AdvanceEvidenceJson = z.infer<typeof advanceEvidence>;
export type MoveFactsJson = z.infer<typeof moveFacts>;
export type ReceiptJson = z.infer<typeof receipt>;
export type BrownoutFactsJson = z.infer<typeof brownoutFacts>;
