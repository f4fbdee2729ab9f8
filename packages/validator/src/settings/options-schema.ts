import { type AcceptanceSwitch, type Clock, parseDurationMs } from '@crossfade/core';
import { z } from 'zod';
import { dpopSchema } from '../dpop/dpop-options.ts';
import { introspectionSchema } from '../introspection/introspection-options.ts';
import { SIGNATURE_ALGORITHMS } from '../jwt/signature-algorithm.ts';
import { keyRefreshSchema } from '../keys/key-refresh-options.ts';
import { type JSONWebKeySet, readKeySet } from '../keys/key-set.ts';
import { keyStoreSchema } from '../keys/key-store.ts';
import { handedIn } from '../schema/custom-option.ts';
import { must } from '../schema/expected.ts';
import { isTrustworthyUrl } from '../schema/secure-url.ts';

const MAX_TOLERANCE_MS = 60_000;
const MAX_TOKEN_BYTES = 1_048_576;

/** Cross-field rules run even when a field is wrong, so that all problems come at once. */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const text = (expected: string) => z.string(must(expected)).min(1, must(expected));
const texts = (expected: string) =>
  z.array(text(expected), must(`a list: each ${expected}`)).min(1, must(`a list: each ${expected}`));

const ISSUER = 'an https URL without query or fragment (http on loopback only), RFC 8414 §2';
const issuer = text(ISSUER).refine(
  (value) => URL.canParse(value) && isTrustworthyUrl(new URL(value)) && !/[?#\s]/.test(value),
  must(ISSUER),
);

const KEYS = 'an https URL object (http on loopback only), or a JSON Web Key Set';
const keysUrl = z.instanceof(URL).refine(isTrustworthyUrl, must(KEYS));
const keySet = z
  .custom<JSONWebKeySet>((value) => isObject(value) && Array.isArray(value['keys']), must(KEYS))
  .refine((jwks) => !jwks.keys.some(isSecretKey), {
    error: 'must not hold private or symmetric keys: whoever can read them could sign',
  })
  .refine((jwks) => readKeySet(jwks) !== undefined, {
    error: 'must hold a public signature key: RSA of 2048 bits or more, EC or OKP',
  });

const ALGORITHM = `an asymmetric signature algorithm: ${SIGNATURE_ALGORITHMS.join(', ')}`;
const ALGORITHMS = 'a list with at least one algorithm';
const ROLES_CLAIM = 'the name of a claim, or a list that leads to a nested one: [realm_access, roles]';
/** A dot is a letter of a claim's name like any other; Keycloak's nested claims are no names. */
const NO_DOTTED_PATH = /^(?!(?:realm|resource)_access\.)/;
const claimName = text(ROLES_CLAIM);
const rolesClaim = z.union(
  [
    claimName.regex(NO_DOTTED_PATH, must(ROLES_CLAIM)),
    z.array(claimName, must(ROLES_CLAIM)).min(1, must(ROLES_CLAIM)).max(8, must(ROLES_CLAIM)),
  ],
  must(ROLES_CLAIM),
);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const side = z
  .strictObject(
    {
      issuer,
      audience: text('the aud value of this side').optional(),
      clientIds: texts('a client id').optional(),
      keys: z.union([keysUrl, keySet], must(KEYS)).optional(),
      algorithms: z
        .array(z.enum(SIGNATURE_ALGORITHMS, must(ALGORITHM)), must(ALGORITHMS))
        .min(1, must(ALGORITHMS))
        .default([...SIGNATURE_ALGORITHMS]),
      typ: z.literal('at+jwt', must('at+jwt, or left out')).optional(),
      requiredScope: texts('a scope value').default([]),
      clients: texts('a client id').optional(),
      senderConstrained: z.enum(['dpop', 'mtls', 'any'], must('dpop, mtls, any, or left out')).optional(),
      claims: z.record(z.string(), z.union([scalar, z.array(scalar).min(1)], must('a value or a list'))).default({}),
      rolesClaim: rolesClaim.optional(),
      foreignAudiences: z
        .union([z.literal('any'), texts('an aud value')], must('any, or a list of aud values'))
        .default([]),
      introspection: introspectionSchema.optional(),
    },
    must('an object with issuer and audience'),
  )
  .refine((value) => value.introspection?.impliesAudience !== true || value.audience !== undefined, {
    when: ({ value }) => isObject(value) && isObject(value['introspection']),
    path: ['introspection', 'impliesAudience'],
    error: 'must stand beside an audience: clientIds need no other word for a token without aud',
  })
  .refine((value) => (value.audience === undefined) !== (value.clientIds === undefined), {
    when: ({ value }) => isObject(value),
    path: ['audience'],
    error: 'is required: the aud value of this side, or clientIds for access tokens without aud; never both',
  });

const ACCEPTANCE = 'both, target, or a function that returns one of them';
const TOLERANCE = 'a duration such as 5s, at most 60s: a wider one takes expired tokens';
const CACHE = 'false, or an object with maxEntries (from 8) and maxBytes, whole numbers';
const cacheLimits = z.strictObject({
  maxEntries: z.int().min(8).max(1_048_576).default(8192),
  maxBytes: z.int().min(1).default(16_777_216),
});
const TOKEN_BYTES = `a whole number of bytes from 1 to ${MAX_TOKEN_BYTES}`;

/** The options of a validator, with their defaults filled in. */
export const optionsSchema = z
  .strictObject(
    {
      legacy: side,
      target: side.optional(),
      acceptance: z
        .union([z.enum(['both', 'target']), z.custom<AcceptanceSwitch>(isFunction)], must(ACCEPTANCE))
        .default('both'),
      clients: z.array(text('a client id'), must('a list: each a client id')).default([]),
      clockTolerance: z
        .string(must(TOLERANCE))
        .refine((value) => (parseDurationMs(value) ?? Number.POSITIVE_INFINITY) <= MAX_TOLERANCE_MS, must(TOLERANCE))
        .default('5s'),
      maxTokenBytes: z
        .int(must(TOKEN_BYTES))
        .min(1, must(TOKEN_BYTES))
        .max(MAX_TOKEN_BYTES, must(TOKEN_BYTES))
        .default(8192),
      cache: z.union([z.literal(false), cacheLimits], must(CACHE)).prefault({}),
      keyRefresh: keyRefreshSchema,
      keyStore: keyStoreSchema,
      dpop: dpopSchema,
      now: handedIn<Clock>(isFunction, must('a function that returns milliseconds').error).default(() => Date.now),
    },
    must('an object with legacy'),
  )
  .refine(({ legacy, target, acceptance }) => acceptance !== 'target' || target !== undefined || legacy === undefined, {
    when: ({ value }) => isObject(value),
    path: ['acceptance'],
    error: 'must not be target while there is no target side: no token would get in',
  })
  .refine(({ legacy, target }) => legacy.audience === undefined || legacy.audience !== target?.audience, {
    when: haveOneIssuer,
    path: ['target', 'audience'],
    error: 'must differ from legacy.audience when both sides share an issuer',
  })
  .refine(({ legacy, target }) => !legacy.clientIds?.some((clientId) => target?.clientIds?.includes(clientId)), {
    when: haveOneIssuer,
    path: ['target', 'clientIds'],
    error: 'must share no client with legacy.clientIds when both sides share an issuer',
  })
  .refine(({ legacy, target }) => areSameKeys(legacy.keys, target?.keys), {
    when: haveOneIssuer,
    path: ['target', 'keys'],
    error: 'must be left out, or be the same as legacy.keys, when both sides share an issuer: it has one key set',
  })
  .refine(({ legacy, target }) => !implyTwoAudiences(legacy.introspection, target?.introspection), {
    when: haveOneIssuer,
    path: ['target', 'introspection', 'impliesAudience'],
    error: 'must not be true of both sides that ask one endpoint as one client: an answer without aud has one meaning',
  });

function haveOneIssuer({ value }: { value: unknown }): boolean {
  if (!isObject(value) || !isObject(value['legacy']) || !isObject(value['target'])) return false;
  return value['legacy']['issuer'] === value['target']['issuer'];
}

function areSameKeys(one: URL | JSONWebKeySet | undefined, other: URL | JSONWebKeySet | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return true;
  return JSON.stringify(one) === JSON.stringify(other);
}

function implyTwoAudiences(one: CheckedSide['introspection'], other: CheckedSide['introspection']): boolean {
  if (one?.impliesAudience !== true || other?.impliesAudience !== true) return false;
  return one.clientId === other.clientId && String(one.endpoint) === String(other.endpoint);
}

function isSecretKey(jwk: unknown): boolean {
  return isObject(jwk) && (jwk['d'] !== undefined || jwk['k'] !== undefined);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

export type CheckedSide = z.output<typeof side>;
