import {
  type AcceptanceSwitch,
  type Brownout,
  type BrownoutSwitch,
  type Clock,
  type Problem,
  parseDurationMs,
  SIGNATURE_ALGORITHMS,
} from '@crossfade/core';
import {
  customOption,
  exactName,
  expected,
  isObject,
  MAX_CLOCK_TOLERANCE_MS,
  MAX_TOKEN_BYTES,
  pairProblems,
  SIDE_RULES,
  sideRules,
} from '@crossfade/core/schema';
import { z } from 'zod';
import { dpopSchema } from '../dpop/dpop-options.ts';
import { tokenExchangeSchema } from '../exchange/token-exchange.ts';
import { introspectionSchema } from '../introspection/introspection-options.ts';
import { keyRefreshSchema } from '../keys/key-refresh-options.ts';
import { describeFlaws, examineKeySet, readKeySet } from '../keys/key-set.ts';
import { keyStoreSchema } from '../keys/key-store.ts';
import type { IsRevoked } from '../revocation/denylist.ts';

const sideShape = z
  .strictObject(
    {
      ...sideRules,
      // A plan holds text; a program has URL objects, and secrets at hand.
      keys: z.preprocess(urlsAsText, sideRules.keys),
      algorithms: sideRules.algorithms.default([...SIGNATURE_ALGORITHMS]),
      requiredScope: sideRules.requiredScope.default([]),
      claims: sideRules.claims.default({}),
      introspection: introspectionSchema.optional(),
    },
    expected('an object with issuer and audience'),
  )
  .refine(({ keys }) => !isObject(keys) || !('keys' in keys) || readKeySet(keys) !== undefined, {
    when: ({ value }) => isObject(value),
    path: ['keys'],
    error: ({ input }) => `must hold a public signature key${flawsIn(input)}`,
  })
  .refine((value) => value.introspection?.impliesAudience !== true || value.audience !== undefined, {
    when: ({ value }) => isObject(value) && isObject(value['introspection']),
    path: ['introspection', 'impliesAudience'],
    error: 'needs an audience: the other ways to know a side already decide about a token without aud',
  });
const side = SIDE_RULES.reduce((ruled, { isMet, otherwise }) => ruled.refine(isMet, otherwise), sideShape);

const ACCEPTANCE = 'both, target, or a function that returns one of them';
const TOLERANCE = 'a duration such as 60s, at most 5m: a wider one accepts expired tokens';
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
      clients: z.array(exactName('a client id'), expected('a list: each a client id')).optional(),
      clockTolerance: z
        .string(expected(TOLERANCE))
        .refine(
          (value) => (parseDurationMs(value) ?? Number.POSITIVE_INFINITY) <= MAX_CLOCK_TOLERANCE_MS,
          expected(TOLERANCE),
        )
        .default('60s'),
      maxTokenBytes: z
        .int(expected(TOKEN_BYTES))
        .min(1, expected(TOKEN_BYTES))
        .max(MAX_TOKEN_BYTES, expected(TOKEN_BYTES))
        .default(16_384),
      cache: z.union([z.literal(false), cacheLimits], expected(CACHE)).prefault({}),
      keyRefresh: keyRefreshSchema,
      keyStore: keyStoreSchema,
      dpop: dpopSchema,
      exchange: tokenExchangeSchema,
      isRevoked: customOption<IsRevoked>(isFunction, 'a function that says whether a token was revoked').optional(),
      brownout: customOption<BrownoutSwitch>(
        isFunction,
        'a function that returns { percent, untilMs }, or null for no brownout',
      ).optional(),
      onBrownoutStopped: customOption<(brownout: Brownout) => void>(isFunction, 'a function').optional(),
      now: customOption<Clock>(isFunction, 'a function that returns milliseconds').default(() => Date.now),
    },
    expected('an object with legacy'),
  )
  .refine(({ legacy, target, acceptance }) => acceptance !== 'target' || target !== undefined || legacy === undefined, {
    when: ({ value }) => isObject(value),
    path: ['acceptance'],
    error: 'must not be target without a target side: every token would be rejected',
  })
  .refine(({ legacy }) => legacy.anyAudience === undefined || legacy.acknowledgeRisk === true, {
    when: ({ value }) => isObject(value) && isObject(value['legacy']),
    path: ['legacy', 'acknowledgeRisk'],
    error: 'is required: true, because anyAudience accepts tokens that were issued for other APIs (a confused deputy)',
  });

/** Lists the problems of both sides together. They are stated even while one side has problems of its own. */
export function optionProblems(options: unknown): readonly Problem[] {
  return pairProblems(options).map(({ path, message }) => ({ path: path.join('.'), message }));
}

/** Keys as a plan writes them: `URL` objects become text. */
function urlsAsText(keys: unknown): unknown {
  if (keys instanceof URL) return keys.href;
  return isObject(keys) && keys['url'] instanceof URL ? { ...keys, url: keys['url'].href } : keys;
}

/** Why the keys of a side verify nothing. */
function flawsIn(value: unknown): string {
  const flaws = examineKeySet(isObject(value) ? value['keys'] : undefined)?.flaws ?? [];
  return flaws.length === 0 ? '' : `, and holds none that is usable: ${describeFlaws(flaws)}`;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

export type CheckedSide = z.output<typeof side>;
