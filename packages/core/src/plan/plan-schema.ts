import { z } from 'zod';
import { expected, isObject, text } from '../schema/expected.ts';
import { schemaProblems } from '../schema/schema-problems.ts';
import { oneIdentity, sideRules } from '../schema/side-rules.ts';
import { ConfigError, type Problem } from '../vocabulary/error.ts';
import type { MigrationPlan } from './plan.ts';
import { duration, httpUrl } from './plan-field.ts';
import { sidecarSchema } from './sidecar-schema.ts';

const ABSOLUTE_URI = 'an absolute URI without a fragment, RFC 8707 §2';
const resource = z
  .url(expected(ABSOLUTE_URI))
  .refine((value) => !value.includes('#'), { error: `must be ${ABSOLUTE_URI}` });

function sideSchema(sessionLifetimeDefault: string) {
  return z
    .strictObject(
      {
        ...sideRules,
        scope: z.string(expected('a space-separated scope')).default(''),
        resource: resource.optional(),
        tokenLifetime: duration.prefault('1h'),
        sessionLifetime: duration.prefault(sessionLifetimeDefault),
      },
      expected('a mapping with issuer, audience and scope'),
    )
    .refine(oneIdentity.isMet, oneIdentity.otherwise)
    .transform(({ tokenLifetime, sessionLifetime, ...side }) => ({
      ...side,
      tokenLifetimeMs: tokenLifetime,
      sessionLifetimeMs: sessionLifetime,
    }));
}

const appConfigLocation = {
  application: text('the AppConfig application'),
  environment: text('the AppConfig environment'),
  profile: text('the AppConfig configuration profile'),
};
const MIN_POLL_MS = 15_000;
const MAX_POLL_MS = 86_400_000;
const pollInterval = duration
  .refine((ms) => ms >= MIN_POLL_MS && ms <= MAX_POLL_MS, {
    error: 'must be between 15s and 1d, the bounds of AppConfig',
  })
  .prefault('15s');

/** At `flags` the whole mapping is wrong, at `flags.source` its value. */
const flagsExpected = {
  error: ({ input }: { readonly input?: unknown }) => {
    if (!isObject(input)) return expected('a mapping with source: file, appconfig or agent').error({ input });
    return `${input['source'] === undefined ? 'is required:' : 'must be'} file, appconfig or agent`;
  },
};

const flags = z.discriminatedUnion(
  'source',
  [
    z.strictObject({ source: z.literal('file'), path: text('the path of the flag document') }),
    z
      .strictObject({
        source: z.literal('appconfig'),
        ...appConfigLocation,
        pollInterval,
        region: text('an AWS region').optional(),
        endpoint: httpUrl.optional(),
      })
      .transform(({ pollInterval: pollIntervalMs, ...rest }) => ({ ...rest, pollIntervalMs })),
    z
      .strictObject({
        source: z.literal('agent'),
        url: httpUrl.default('http://localhost:2772'),
        ...appConfigLocation,
        pollInterval,
      })
      .transform(({ pollInterval: pollIntervalMs, ...rest }) => ({ ...rest, pollIntervalMs })),
  ],
  flagsExpected,
);

const gate = z
  .strictObject({
    silence: duration.prefault('24h'),
    coverage: z
      .number(expected('a number above 0, up to 1'))
      .gt(0, expected('a number above 0, up to 1'))
      .max(1, expected('a number above 0, up to 1'))
      .default(0.99),
    prometheus: httpUrl.optional(),
    sidecars: z.array(httpUrl, expected('a list of admin URLs')).min(1, expected('a list of admin URLs')).optional(),
  })
  .refine((value) => value.prometheus === undefined || value.sidecars === undefined, {
    when: ({ value }) => isObject(value),
    path: ['sidecars'],
    error: 'must be left out where prometheus is set: the gate reads one of them',
  })
  .transform(({ silence, ...rest }) => ({ ...rest, silenceMs: silence }));

const planSchema = z
  .strictObject(
    {
      version: z.literal(1, expected('1')),
      migration: z
        .string(expected('a name: a-z, 0-9 and -'))
        .regex(/^[a-z0-9-]{1,64}$/, expected('1 to 64 of a-z, 0-9 and -')),
      legacy: sideSchema('30d'),
      target: sideSchema('0s'),
      clients: z.array(text('a client id'), expected('a list of client ids')).default([]),
      clockTolerance: duration
        .refine((ms) => ms <= 60_000, { error: 'must be at most 60s: a wider tolerance accepts expired tokens' })
        .prefault('5s'),
      flags,
      gate: gate.prefault({}),
      sidecar: sidecarSchema.optional(),
    },
    expected('a mapping with version, migration, legacy, target and flags'),
  )
  .refine(
    ({ legacy, target }) =>
      legacy.issuer !== target.issuer || legacy.audience === undefined || legacy.audience !== target.audience,
    {
      when: ({ value }) => isObject(value) && isObject(value['legacy']) && isObject(value['target']),
      path: ['target', 'audience'],
      error: 'must differ from legacy.audience when both sides share an issuer',
    },
  )
  .transform(({ clockTolerance, ...rest }) => ({ ...rest, clockToleranceMs: clockTolerance }));

/** A plan, or the problems of the input. */
export type CheckedPlan =
  | { readonly plan: MigrationPlan; readonly problems: readonly [] }
  | { readonly plan: undefined; readonly problems: readonly Problem[] };

/** Validates a parsed plan and reports every problem with its dotted path. */
export function checkPlan(input: unknown): CheckedPlan {
  const parsed = planSchema.safeParse(input);
  if (parsed.success) return { plan: parsed.data as MigrationPlan, problems: [] };
  return { plan: undefined, problems: schemaProblems(parsed.error, planSchema) };
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

/** Creates the JSON Schema (draft 2020-12) of a plan as it is written, for editors. */
export function planJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(planSchema, { io: 'input' }) as Record<string, unknown>;
}
