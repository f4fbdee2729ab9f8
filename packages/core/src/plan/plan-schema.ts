import { z } from 'zod';
import { ConfigError, type Problem } from '../vocabulary/error.ts';
import type { MigrationPlan } from './plan.ts';
import { duration, httpUrl, isObject, must, text, texts } from './plan-field.ts';
import { sidecarSchema } from './sidecar-schema.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const ISSUER = 'an https URL without query or fragment (http on loopback only), RFC 8414 §2';
const issuer = z
  .union([z.url({ protocol: /^https$/ }), z.url({ protocol: /^http$/, hostname: LOOPBACK })], must(ISSUER))
  .refine((value) => !/[?#@]/.test(value), { error: `must be ${ISSUER}` });

const ABSOLUTE_URI = 'an absolute URI without a fragment, RFC 8707 §2';
const resource = z
  .url(must(ABSOLUTE_URI))
  .refine((value) => !value.includes('#'), { error: `must be ${ABSOLUTE_URI}` });

/** A dot is a letter of a claim's name like any other; Keycloak's nested claims are no names. */
const NO_DOTTED_PATH = /^(?!(?:realm|resource)_access\.)/;
const scalar = z.union([z.string(), z.number(), z.boolean()], must('a string, a number or a boolean'));

const ROLES_CLAIM = 'the name of a claim, or a list that leads to a nested one: [realm_access, roles]';
const claimName = text(ROLES_CLAIM);
const rolesClaim = z.union(
  [
    claimName.regex(NO_DOTTED_PATH, must(ROLES_CLAIM)),
    z.array(claimName, must(ROLES_CLAIM)).min(1, must(ROLES_CLAIM)).max(8, must(ROLES_CLAIM)),
  ],
  must(ROLES_CLAIM),
);

function sideSchema(sessionLifetimeDefault: string) {
  return z
    .strictObject(
      {
        issuer,
        audience: text('the aud value of this side').optional(),
        clientIds: texts('a client id').optional(),
        scope: z.string(must('a space-separated scope')).default(''),
        resource: resource.optional(),
        tokenLifetime: duration.prefault('1h'),
        sessionLifetime: duration.prefault(sessionLifetimeDefault),
        typ: z.literal('at+jwt', must('at+jwt, or left out')).optional(),
        requiredScope: texts('a scope value').optional(),
        clients: texts('a client id').optional(),
        claims: z.record(z.string(), z.union([scalar, z.array(scalar).min(1)], must('a value or a list'))).optional(),
        rolesClaim: rolesClaim.optional(),
      },
      must('a mapping with issuer, audience and scope'),
    )
    .refine((side) => (side.audience === undefined) !== (side.clientIds === undefined), {
      when: ({ value }) => isObject(value),
      path: ['audience'],
      error: 'is required: the aud value of this side, or clientIds for access tokens without aud; never both',
    })
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
  must('a mapping with source: file, appconfig or agent'),
);

const gate = z
  .strictObject({
    silence: duration.prefault('24h'),
    coverage: z
      .number(must('a number above 0, up to 1'))
      .gt(0, must('a number above 0, up to 1'))
      .max(1, must('a number above 0, up to 1'))
      .default(0.99),
    prometheus: httpUrl.optional(),
    sidecars: z.array(httpUrl, must('a list of admin URLs')).min(1, must('a list of admin URLs')).optional(),
  })
  .refine((value) => value.prometheus === undefined || value.sidecars === undefined, {
    when: ({ value }) => isObject(value),
    path: ['sidecars'],
    error: 'must not stand beside prometheus: the gate asks one of them',
  })
  .transform(({ silence, ...rest }) => ({ ...rest, silenceMs: silence }));

const planSchema = z
  .strictObject(
    {
      version: z.literal(1, must('1')),
      migration: z.string(must('a name: a-z, 0-9 and -')).regex(/^[a-z0-9-]{1,64}$/, must('1 to 64 of a-z, 0-9 and -')),
      legacy: sideSchema('30d'),
      target: sideSchema('0s'),
      clients: z.array(text('a client id'), must('a list of client ids')).default([]),
      clockTolerance: duration
        .refine((ms) => ms <= 60_000, { error: 'must be at most 60s: a wider tolerance accepts expired tokens' })
        .prefault('5s'),
      flags,
      gate: gate.prefault({}),
      sidecar: sidecarSchema.optional(),
    },
    must('a mapping with version, migration, legacy, target and flags'),
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

/** A plan, or what keeps the input from being one. */
export type CheckedPlan =
  | { readonly plan: MigrationPlan; readonly problems: readonly [] }
  | { readonly plan: undefined; readonly problems: readonly Problem[] };

/** Validates a plan that was read from YAML or JSON, and reports every problem with its dotted path. */
export function checkPlan(input: unknown): CheckedPlan {
  const parsed = planSchema.safeParse(input);
  if (parsed.success) return { plan: parsed.data as MigrationPlan, problems: [] };
  return { plan: undefined, problems: parsed.error.issues.flatMap(toProblems) };
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

function toProblems(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known setting: remove it' }));
}

/** The JSON Schema (draft 2020-12) of a plan as people write it, for editors. */
export function planJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(planSchema, { io: 'input' }) as Record<string, unknown>;
}
