import { type AcceptanceSwitch, type Clock, parseDurationMs } from '@crossfade/core';
import {
  customOption,
  expected,
  isObject,
  isSecureUrl,
  oneIdentity,
  sideRules,
  text,
  texts,
} from '@crossfade/core/schema';
import { z } from 'zod';
import { dpopSchema } from '../dpop/dpop-options.ts';
import { introspectionSchema } from '../introspection/introspection-options.ts';
import { SIGNATURE_ALGORITHMS } from '../jwt/signature-algorithm.ts';
import { keyRefreshSchema } from '../keys/key-refresh-options.ts';
import { type JSONWebKeySet, readKeySet } from '../keys/key-set.ts';
import { keyStoreSchema } from '../keys/key-store.ts';

const MAX_TOLERANCE_MS = 60_000;
const MAX_TOKEN_BYTES = 1_048_576;

const KEYS = 'an https URL object (http on loopback only), or a JSON Web Key Set';
const keysUrl = z.instanceof(URL).refine(isSecureUrl, expected(KEYS));
const keySet = z
  .custom<JSONWebKeySet>((value) => isObject(value) && Array.isArray(value['keys']), expected(KEYS))
  .refine((jwks) => !jwks.keys.some(isSecretKey), {
    error: 'must not hold private or symmetric keys, because with them a reader could sign tokens',
  })
  .refine((jwks) => readKeySet(jwks) !== undefined, {
    error: 'must hold a public signature key: RSA of 2048 bits or more, EC or OKP',
  });

const ALGORITHM = `an asymmetric signature algorithm: ${SIGNATURE_ALGORITHMS.join(', ')}`;
const ALGORITHMS = 'a list with at least one algorithm';

const side = z
  .strictObject(
    {
      ...sideRules,
      keys: z.union([keysUrl, keySet], expected(KEYS)).optional(),
      algorithms: z
        .array(z.enum(SIGNATURE_ALGORITHMS, expected(ALGORITHM)), expected(ALGORITHMS))
        .min(1, expected(ALGORITHMS))
        .default([...SIGNATURE_ALGORITHMS]),
      requiredScope: sideRules.requiredScope.default([]),
      senderConstrained: z.enum(['dpop', 'mtls', 'any'], expected('dpop, mtls, any, or left out')).optional(),
      claims: sideRules.claims.default({}),
      foreignAudiences: z
        .union([z.literal('any'), texts('an aud value')], expected('any, or a list of aud values'))
        .default([]),
      introspection: introspectionSchema.optional(),
    },
    expected('an object with issuer and audience'),
  )
  .refine((value) => value.introspection?.impliesAudience !== true || value.audience !== undefined, {
    when: ({ value }) => isObject(value) && isObject(value['introspection']),
    path: ['introspection', 'impliesAudience'],
    error: 'needs an audience: clientIds already decide about a token without aud',
  })
  .refine(oneIdentity.isMet, oneIdentity.otherwise);

const ACCEPTANCE = 'both, target, or a function that returns one of them';
const TOLERANCE = 'a duration such as 5s, at most 60s: a wider one accepts expired tokens';
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
        .union([z.enum(['both', 'target']), z.custom<AcceptanceSwitch>(isFunction)], expected(ACCEPTANCE))
        .default('both'),
      clients: z.array(text('a client id'), expected('a list: each a client id')).default([]),
      clockTolerance: z
        .string(expected(TOLERANCE))
        .refine(
          (value) => (parseDurationMs(value) ?? Number.POSITIVE_INFINITY) <= MAX_TOLERANCE_MS,
          expected(TOLERANCE),
        )
        .default('5s'),
      maxTokenBytes: z
        .int(expected(TOKEN_BYTES))
        .min(1, expected(TOKEN_BYTES))
        .max(MAX_TOKEN_BYTES, expected(TOKEN_BYTES))
        .default(8192),
      cache: z.union([z.literal(false), cacheLimits], expected(CACHE)).prefault({}),
      keyRefresh: keyRefreshSchema,
      keyStore: keyStoreSchema,
      dpop: dpopSchema,
      now: customOption<Clock>(isFunction, 'a function that returns milliseconds').default(() => Date.now),
    },
    expected('an object with legacy'),
  )
  .refine(({ legacy, target, acceptance }) => acceptance !== 'target' || target !== undefined || legacy === undefined, {
    when: ({ value }) => isObject(value),
    path: ['acceptance'],
    error: 'must not be target without a target side: every token would be rejected',
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
    error:
      'must be left out, or be the same as legacy.keys, when both sides share an issuer: one issuer has one key set',
  })
  .refine(({ legacy, target }) => !implyTwoAudiences(legacy.introspection, target?.introspection), {
    when: haveOneIssuer,
    path: ['target', 'introspection', 'impliesAudience'],
    error: 'must not be true of both sides that ask one endpoint as one client: a response without aud has one meaning',
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
