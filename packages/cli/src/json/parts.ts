import { GUARDS, PHASES, RUNBOOKS } from '@crossfade/core';
import { z } from 'zod';

/** A list in a document: nothing changes it. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}

/** Names a part that several schemas share, and says what it is. */
function named<Part extends z.ZodType>(id: string, description: string, part: Part): Part {
  return part.meta({ id, description });
}

export const instant = named(
  'instant',
  'A time in UTC, ISO 8601. Years outside 0..9999 have a sign and six digits (ECMA-262): a token can claim such a time.',
  z.string().regex(/^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
);
export const share = z.number().min(0).max(100);
/** Prometheus extrapolates some counts to fractions. */
export const count = z.number().min(0);
export const texts = list(z.string());
export const phase = z.enum(PHASES);
export const verdict = z.enum(['pass', 'fail', 'inconclusive']);
export const runbook = named('runbook', 'A page: crossfade runbook <name>.', z.enum(RUNBOOKS));
export const side = z.enum(['legacy', 'target']);
export const position = named(
  'position',
  'What the switches command: the percentage of logins that ask for target, and what the APIs accept.',
  z.object({ percent: share, acceptance: z.enum(['both', 'target']) }),
);

export const meterAndWhy = named(
  'meterAndWhy',
  'A meter, and why it tells nothing, holds other flags, or is waited for.',
  z.object({ meter: z.string(), why: z.string() }),
);

const problem = z.object({ path: z.string(), message: z.string(), line: z.int().exactOptional() });
export const failure = named(
  'failure',
  'Why a command failed. The code is stable, the message is for people; problems come with config_invalid only; runbook is a page to read on.',
  z.object({
    code: z.string(),
    message: z.string(),
    problems: list(problem).exactOptional(),
    runbook: runbook.exactOptional(),
  }),
);

export const openConnections = named(
  'openConnections',
  'Connections that outlive the tokens that opened them, by the class of these tokens.',
  z.object({ legacy: count, target: count, bridge: count }),
);

export const disagreements = named(
  'disagreements',
  'Tokens that the plan refuses and an API took, by reason; unknown names the meters that do not tell.',
  z.object({
    reasons: z.record(z.string(), count),
    lastVerifiedAt: instant.nullable(),
    lastUnverifiedAt: instant.nullable(),
    unknown: texts,
  }),
);

export const minting = named(
  'minting',
  'Access tokens for which clients chose target, by what the provider minted; legacy of them by the service of the client.',
  z.object({
    windowSeconds: count,
    target: count,
    unknown: count,
    legacy: count,
    services: z.record(z.string(), count),
  }),
).nullable();

export const drain = named(
  'drain',
  'The drain gate: each check with its verdict, and the earliest time at which waiting alone could pass it.',
  z.object({
    verdict,
    checks: list(z.object({ name: z.string(), verdict, detail: z.string(), runbook })),
    earliestPassAt: instant.nullable(),
    notes: texts,
  }),
);

export const watch = named(
  'watch',
  'What the recording rules of Prometheus know of the watch; null where the gate asks sidecars. services are those that lag most.',
  z.object({
    since: instant.nullable(),
    evaluatedAt: instant.nullable(),
    unwatchedShare: z.number().nullable(),
    debtSeconds: z.number().nullable(),
    losses: count,
    services: list(
      z.object({
        service: z.string(),
        expected: count.nullable(),
        watched: count,
        withoutTarget: count,
        targetLastSeenAt: instant.nullable(),
      }),
    ),
    moreServices: count,
  }),
).nullable();

export const refusals = named(
  'refusals',
  'Every guard that refuses the move, with its reason and the page to read on.',
  list(z.object({ guard: z.enum(GUARDS), detail: z.string(), runbook })),
);

export const runningBrownout = named(
  'runningBrownout',
  'A brownout that the flags command now, and what came of it.',
  z.object({
    percent: share,
    until: instant,
    startedAt: instant.nullable(),
    operator: z.string().nullable(),
    reason: z.string().nullable(),
    refused: count.nullable(),
    stoppedAt: texts,
  }),
).nullable();

export const move = named(
  'move',
  'A move in the record of the flag store; what the record does not tell is null.',
  z.object({
    at: instant,
    id: z.string(),
    state: z.enum(['written', 'deploying', 'rolled_back', 'reverted']),
    revision: z.string().nullable(),
    verb: z.string().nullable(),
    operator: z.string().nullable(),
    reason: z.string().nullable(),
    skipped: texts,
    evidence: z.string().nullable(),
    from: position.nullable(),
    to: position.nullable(),
    description: z.string().nullable(),
  }),
);

export type DisagreementsJson = z.infer<typeof disagreements>;
export type MintingJson = z.infer<typeof minting>;
export type DrainJson = z.infer<typeof drain>;
export type WatchJson = z.infer<typeof watch>;
export type RefusalsJson = z.infer<typeof refusals>;
export type RunningBrownoutJson = z.infer<typeof runningBrownout>;
export type MoveJson = z.infer<typeof move>;
export type FailureJson = z.infer<typeof failure>;
