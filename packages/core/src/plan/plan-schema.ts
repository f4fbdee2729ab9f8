import { z } from 'zod';
import { exactName } from '../schema/exact-name.ts';
import { expected, isObject } from '../schema/expected.ts';
import { MAX_CLOCK_TOLERANCE_MS, MAX_TOKEN_BYTES } from '../schema/limits.ts';
import { pairProblems } from '../schema/pair-rules.ts';
import { schemaProblems } from '../schema/schema-problems.ts';
import { SIDE_RULES, sideRules } from '../schema/side-rules.ts';
import { ConfigError, type Problem } from '../vocabulary/error.ts';
import { SIDES } from '../vocabulary/side.ts';
import { flagsSchema } from './flags-schema.ts';
import { gateSchema } from './gate-schema.ts';
import type { MigrationPlan, ObservationPlan } from './plan.ts';
import { duration } from './plan-field.ts';
import { addShortForm } from './prometheus-schema.ts';
import { revocationSchema } from './revocation-schema.ts';
import { describeSettings } from './setting-descriptions.ts';
import { sidecarSchema } from './sidecar-schema.ts';

const ABSOLUTE_URI = 'an absolute URI without a fragment, RFC 8707 §2';
const resource = z
  .url(expected(ABSOLUTE_URI))
  .refine((value) => !value.includes('#'), { error: `must be ${ABSOLUTE_URI}` });

function sideSchema(sessionLifetimeDefault: string) {
  const side = z.strictObject(
    {
      ...sideRules,
      scope: z.string(expected('a space-separated scope')).default(''),
      resource: resource.optional(),
      tokenLifetime: duration.prefault('1h'),
      sessionLifetime: duration.prefault(sessionLifetimeDefault),
    },
    expected('a mapping with issuer, audience and scope'),
  );
  return SIDE_RULES.reduce((ruled, { isMet, otherwise }) => ruled.refine(isMet, otherwise), side).transform(
    ({ issuer, audience, tokenLifetime, sessionLifetime, ...rest }) => {
      const [issuers, audiences] = [namesIn(issuer), namesIn(audience)];
      return {
        issuer: issuers[0] as string,
        ...(issuers.length > 1 && { issuers }),
        ...(audiences[0] !== undefined && { audience: audiences[0] }),
        ...(audiences.length > 1 && { audiences }),
        ...rest,
        tokenLifetimeMs: tokenLifetime,
        sessionLifetimeMs: sessionLifetime,
      };
    },
  );
}

/** Each name once: the first one is what the thing is called. */
function namesIn(given: string | readonly string[] | undefined): readonly string[] {
  return given === undefined ? [] : [...new Set([given].flat())];
}

const STEPS = 'a list of ascending percentages above 0 that ends with 100, such as [1, 5, 25, 50, 100]';
const steps = z
  .array(z.number(expected(STEPS)).gt(0, expected(STEPS)).max(100, expected(STEPS)), expected(STEPS))
  .refine(
    (shares) => shares.at(-1) === 100 && shares.every((share, at) => at === 0 || share > (shares[at - 1] as number)),
    {
      error: `must be ${STEPS}`,
    },
  )
  .refine((shares) => shares.every((share) => Math.round(share * 100) === share * 100), {
    error: 'must be percentages with at most two decimals',
  });

const SUNSET = 'a date such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z';
const sunset = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], expected(SUNSET))
  .transform((value) => Date.parse(value));

const TOKEN_BYTES = `a whole number of bytes from 1 to ${MAX_TOKEN_BYTES}`;
const CLIENTS = 'a list of client ids, empty if no audience is one';

const legacy = sideSchema('30d');
const target = sideSchema('0s');
const settings = {
  version: z.literal(1, expected('1')),
  migration: z
    .string(expected('a name: a-z, 0-9 and -'))
    .regex(/^[a-z0-9-]{1,64}$/, expected('1 to 64 of a-z, 0-9 and -')),
  legacy,
  target,
  clients: z.array(exactName('a client id'), expected(CLIENTS)).optional(),
  clockTolerance: duration
    .refine((ms) => ms <= MAX_CLOCK_TOLERANCE_MS, {
      error: 'must be at most 5m: a wider tolerance accepts expired tokens',
    })
    .prefault('60s'),
  maxTokenBytes: z
    .int(expected(TOKEN_BYTES))
    .min(1, expected(TOKEN_BYTES))
    .max(MAX_TOKEN_BYTES, expected(TOKEN_BYTES))
    .optional(),
  revocation: revocationSchema.optional(),
  flags: flagsSchema,
  steps: steps.default([1, 5, 25, 50, 100]),
  sunset: sunset.optional(),
  gate: gateSchema.prefault({}),
  sidecar: sidecarSchema.optional(),
};
const PLAN = expected('a mapping with version, migration, legacy, target and flags');

interface AsWritten {
  readonly clockTolerance: number;
  readonly sunset?: number | undefined;
  readonly gate: { readonly soakMs?: number };
  readonly target?: { readonly tokenLifetimeMs: number } | undefined;
}

/** A step is soaked for as long as a target token lives, unless the plan says otherwise. */
function renamed<Plan extends AsWritten>({ clockTolerance, sunset: sunsetMs, gate: { ...ofGate }, ...rest }: Plan) {
  return {
    ...rest,
    clockToleranceMs: clockTolerance,
    ...(sunsetMs !== undefined && { sunsetMs }),
    gate: { ...ofGate, soakMs: ofGate.soakMs ?? rest.target?.tokenLifetimeMs ?? DEFAULT_SOAK_MS },
  };
}

const DEFAULT_SOAK_MS = 3_600_000;
const planSchema = z.strictObject(settings, PLAN).transform(renamed);
/** Of a plan for observing: it may lack a side. */
const observationSchema = z
  .strictObject({ ...settings, legacy: legacy.optional(), target: target.optional() }, PLAN)
  .transform(renamed);

/** `anyAudience` lets tokens for other APIs in: while observing that is what happens anyway. */
function riskProblems(input: unknown): ReturnType<typeof pairProblems> {
  if (!isObject(input) || !isObject(input['legacy']) || input['legacy']['anyAudience'] !== true) return [];
  const {
    mode = 'proxy',
    judge = 'observe',
    upstreamToken,
  } = isObject(input['sidecar']) ? input['sidecar'] : NO_SIDECAR;
  const problems = [];
  if (upstreamToken === 'jwt') problems.push({ path: ['sidecar', 'upstreamToken'], message: UPSTREAM_TOKEN });
  if ((mode !== 'proxy' || judge !== 'observe') && input['legacy']['acknowledgeRisk'] !== true)
    problems.push({ path: ['legacy', 'acknowledgeRisk'], message: RISK });
  return problems;
}

/** An opaque token becomes a JWT at an introspection endpoint, or by token exchange. */
function exchangeProblems(input: unknown): ReturnType<typeof pairProblems> {
  if (!isObject(input) || !isObject(input['sidecar'])) return [];
  const { judge, upstreamToken, exchange } = input['sidecar'];
  // A sidecar that does not enforce has a problem of its own.
  if (upstreamToken !== 'jwt' || judge !== 'enforce') return [];
  const sides = [input['legacy'], input['target']].filter(isObject);
  if (exchange !== undefined || sides.some((side) => side['introspection'] !== undefined)) return [];
  return [{ path: ['sidecar', 'exchange'], message: NO_EXCHANGE }];
}

const NO_EXCHANGE =
  'is required by upstreamToken: jwt, unless a side has introspection: there is nothing to get the JWT of an opaque token from';
const NO_SIDECAR: Readonly<Record<string, unknown>> = { judge: 'enforce' };
const UPSTREAM_TOKEN =
  'must not be jwt with legacy.anyAudience: a token for another API would be exchanged for one for this API';
const RISK =
  'is required: true, because legacy.anyAudience accepts tokens that were issued for other APIs (a confused deputy) unless a sidecar only observes';

/** Without a `sidecar` section nothing observes. */
const NO_OBSERVER: Readonly<Record<string, unknown>> = { mode: 'none' };
const NOT_OBSERVING =
  'is required: it may be left out only while observing (sidecar.mode: proxy and sidecar.judge: observe)';

/** A plan, or the problems of the input. */
export type CheckedPlan<Plan = MigrationPlan> =
  | { readonly plan: Plan; readonly problems: readonly [] }
  | { readonly plan: undefined; readonly problems: readonly Problem[] };

/** Validates a parsed plan and reports every problem with its dotted path. */
export function checkPlan(input: unknown): CheckedPlan {
  return checkWith(planSchema, input, []);
}

/** As {@link checkPlan}, for a plan that may lack a side while a sidecar observes. */
export function checkObservationPlan(input: unknown): CheckedPlan<ObservationPlan> {
  if (!isObject(input)) return checkPlan(input);
  const missing = SIDES.filter((side) => input[side] === undefined);
  if (missing.length === 0) return checkPlan(input);
  const { mode = 'proxy', judge = 'observe' } = isObject(input['sidecar']) ? input['sidecar'] : NO_OBSERVER;
  const isObserving = mode === 'proxy' && judge === 'observe';
  const problems = isObserving ? [] : missing.map((path) => ({ path, message: NOT_OBSERVING }));
  return checkWith(observationSchema, input, problems);
}

function checkWith<Plan>(
  schema: typeof planSchema | typeof observationSchema,
  input: unknown,
  further: readonly Problem[],
): CheckedPlan<Plan> {
  const parsed = schema.safeParse(input);
  // Rules over both sides look at the input: they are stated even while one side has problems of its own.
  const together = [...pairProblems(input), ...riskProblems(input), ...exchangeProblems(input)].map(asProblem);
  if (parsed.success && together.length + further.length === 0) return { plan: parsed.data as Plan, problems: [] };
  const alone = parsed.success ? [] : schemaProblems(parsed.error, schema);
  return { plan: undefined, problems: [...alone, ...further, ...together] };
}

function asProblem({ path, message }: ReturnType<typeof pairProblems>[number]): Problem {
  return { path: path.join('.'), message };
}

/**
 * Validates a plan that was read from YAML or JSON.
 * @throws {@link ConfigError} with every problem, each with its dotted path.
 */
export function parsePlan(input: unknown): MigrationPlan {
  const { plan, problems } = checkPlan(input);
  if (plan === undefined) throw new ConfigError('plan', problems);
  return plan;
}

/**
 * Validates a plan that may be for observing: `legacy`, `target` or both may be left out while a sidecar proxies and
 * observes, because the census has yet to show what they are.
 * @throws {@link ConfigError} with every problem, each with its dotted path.
 */
export function parseObservationPlan(input: unknown): ObservationPlan {
  const { plan, problems } = checkObservationPlan(input);
  if (plan === undefined) throw new ConfigError('plan', problems);
  return plan;
}

/**
 * Returns a plan that has both sides.
 * @param program what needs them, as it is typed: `crossfade gate`.
 * @throws {@link ConfigError} when the plan is for observing.
 */
export function requireSides(plan: ObservationPlan, program: string): MigrationPlan {
  const { legacy, target } = plan;
  if (legacy !== undefined && target !== undefined) return { ...plan, legacy, target };
  const problems = SIDES.filter((side) => plan[side] === undefined).map((path) => ({
    path,
    message: `is required by ${program}: this plan is for observing only${path === 'legacy' ? '; crossfade census proposes it' : ''}`,
  }));
  throw new ConfigError('plan', problems);
}

/** Creates the JSON Schema (draft 2020-12) of a plan as it is written, for editors. */
export function planJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(observationSchema, { io: 'input', override: addShortForm });
  describeSettings(schema);
  return schema as Record<string, unknown>;
}
