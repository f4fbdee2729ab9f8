import { AUDIENCE_CLASSES, OUTCOMES } from '@crossfade/core';
import { z } from 'zod';
import { count, failure, instant, list, position, runbook, side, texts } from './parts.ts';

const finding = z.object({
  verdict: z.enum(['pass', 'warn', 'fail', 'n/a', 'unknown']),
  detail: z.string(),
  why: z.string(),
  /** What to do; absent on a pass and where the check does not apply. */
  remedy: z.string().exactOptional(),
  runbook,
});

export const DOCTOR = [
  z.object({ findings: list(finding.extend({ check: z.string() })) }),
  /** With `--list`. */
  z.object({
    list: list(
      finding.extend({
        area: z.enum(['client', 'api', 'storage', 'issuer']),
        item: z.string(),
        source: z.string(),
        level: z.enum(['must', 'should']),
        what: z.string(),
      }),
    ),
  }),
] as const;

const audience = z.enum(AUDIENCE_CLASSES);
const outcome = z.enum(OUTCOMES);

/** A token of one side, by the plan's judgement. Never the token itself. */
export const sideToken = z.object({
  side,
  audience: audience.nullable(),
  outcome: outcome.nullable(),
  reason: z.string().exactOptional(),
  finding: z.string().exactOptional(),
});

export const VERIFY = [
  z.object({
    migration: z.string(),
    acceptance: position.shape.acceptance,
    tokens: list(sideToken),
    requests: list(
      z.object({
        api: z.string(),
        probe: z.enum(['none', 'altered', 'legacy', 'target', 'id', 'foreign']),
        expected: z.enum(['taken', 'refused']),
        seen: z.string(),
        result: z.enum(['expected', 'finding', 'unreachable', 'unknown']),
        detail: z.string().exactOptional(),
      }),
    ),
    findings: texts,
    unknown: texts,
    sidecars: z.string(),
  }),
] as const;

const sameness = z.enum(['same', 'different', 'absent', 'only legacy', 'only target']);

/** What a token says of itself, as far as it is printed. */
export const tokenProfile = z.object({
  kind: z.string(),
  bytes: count,
  typ: z.string().nullable(),
  alg: z.string().nullable(),
  scope: texts,
  roles: texts,
  lifetimeSeconds: z.number().nullable(),
  audiences: count,
});
const opaqueToken = z.object({ kind: z.literal('opaque'), bytes: count });

export const PARITY = [
  z.object({
    losses: list(
      z.object({
        what: z.enum(['audience', 'kind', 'subject', 'client', 'role', 'scope', 'claim', 'type']),
        name: z.string(),
        detail: z.string(),
      }),
    ),
    notes: texts,
    personal: z.object({ legacy: texts, target: texts }),
    gained: texts,
    issuer: sameness,
    subject: sameness,
    client: sameness,
    legacy: tokenProfile,
    target: tokenProfile,
  }),
  /** One of them is opaque. */
  z.object({
    losses: z.null(),
    legacy: z.union([tokenProfile, opaqueToken]),
    target: z.union([tokenProfile, opaqueToken]),
  }),
] as const;

/** One verdict with every reason that can be known. */
export const sideView = z.object({
  outcome,
  reasons: list(z.object({ reason: z.string(), detail: z.string() })),
});
const views = {
  sides: z.object({ legacy: sideView, target: sideView, closed: sideView }),
  /** What the token says of itself, where it could not be verified. */
  unverified: texts,
};

/** What a verified token says. */
export const verifiedToken = z.object({
  afterClose: outcome,
  clientId: z.string().nullable(),
  issuedAt: instant.nullable(),
  expiresAt: instant,
});

/** A judgement, as `--json` prints it. */
export const judgement = z.union([
  z.object({ outcome: z.literal('accepted'), audience, scope: texts, roles: texts, ...verifiedToken.shape }),
  z.object({ outcome: z.literal('rejected'), audience, reason: z.string(), scope: texts.exactOptional() }),
  z.object({
    outcome: z.literal('rejected'),
    audience,
    reason: z.string(),
    scope: texts.exactOptional(),
    ...verifiedToken.shape,
  }),
]);

export const INSPECT = [
  judgement.options[0].extend({ migration: z.string(), ...views }),
  judgement.options[1].extend({ migration: z.string(), ...views }),
  judgement.options[2].extend({ migration: z.string(), ...views }),
] as const;

const made = list(z.object({ what: z.string(), isNew: z.boolean() }));

export const INIT = [
  z.object({ plan: z.string(), dryRun: z.literal(true), text: z.string(), made, notes: texts, next: texts }),
  z.object({ plan: z.string(), dryRun: z.literal(false), made, notes: texts, next: texts }),
  /** Not confirmed. */
  z.object({ plan: z.null(), made, notes: texts, next: texts }),
  /** Part of it was made. */
  z.object({ plan: z.null(), made, error: failure }),
] as const;

export const RUNBOOK = [
  z.object({ name: z.string(), markdown: z.string() }),
  z.object({
    pages: list(z.object({ name: z.string(), title: z.string(), kind: z.enum(['procedure', 'alert']) })),
  }),
] as const;

export const COMPLETION = [z.object({ shell: z.enum(['bash', 'zsh', 'fish']), script: z.string() })] as const;

export type SideTokenJson = z.infer<typeof sideToken>;
export type TokenProfileJson = z.infer<typeof tokenProfile>;
export type SideViewJson = z.infer<typeof sideView>;
export type VerifiedTokenJson = z.infer<typeof verifiedToken>;
export type JudgementJson = z.infer<typeof judgement>;
