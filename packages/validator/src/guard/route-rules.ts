import { type Acceptance, isScopeToken } from '@crossfade/core';
import { z } from 'zod';
import type { Validator } from '../judge/validator.ts';

/** What one route demands, beyond a token that the validator accepts. */
export interface RouteOptions {
  /** Scope the token must carry: a list, or one space-separated string. */
  readonly scope?: string | readonly string[];
  /**
   * `target` accepts tokens of the target audience only, even while the acceptance switch still accepts legacy ones:
   * for routes that no legacy client uses. Default: `both`, which accepts what the switch accepts.
   */
  readonly audience?: Acceptance;
  /**
   * `always` asks the issuer about every accepted token, JWTs included, and caches nothing (RFC 7662): a revoked token is
   * rejected with `revoked` from then on, and 503 says that the issuer cannot be asked. For routes that are worth a request
   * to the issuer each time; every side whose tokens the route accepts needs `introspection`. Absent: a JWT is verified
   * locally.
   */
  readonly introspect?: 'always';
  /** The feature this route belongs to. While it is off for the caller, the route does not exist for that caller: 404. */
  readonly feature?: string;
  /** The role, or any of a list of roles, that opens the feature's beta. Absent: only its `-public` flag does. */
  readonly role?: string | readonly string[];
}

/** The options of a route, checked. */
export interface RouteRules {
  readonly scope: readonly string[];
  readonly audience: Acceptance;
  /** Whether the issuer is asked about every token. */
  readonly introspects: boolean;
  readonly feature: string | undefined;
  /** Any of them opens the beta of the feature. */
  readonly role: readonly string[];
}

/** The rules of a route without options. */
export const DEFAULT_RULES: RouteRules = {
  scope: [],
  audience: 'both',
  introspects: false,
  feature: undefined,
  role: [],
};

const AUDIENCE = 'must be both or target';
const INTROSPECT = 'must be always, or left out';
const TEXT = 'must be a non-empty string';
const ROLE = 'must be a role, or a list of at least one role';
const SCOPE = 'must be a space-separated string, or a list of scope values without space, quote or backslash';
const text = z.string(TEXT).min(1, TEXT);

/** The options of a route, as fields of a schema. */
export const routeShape = {
  scope: z
    .union([z.string().transform((scope) => scope.split(' ').filter(Boolean)), z.array(z.string())], SCOPE)
    .refine((scope) => scope.every(isScopeToken), SCOPE)
    .optional(),
  audience: z.enum(['both', 'target'], AUDIENCE).optional(),
  introspect: z.literal('always', INTROSPECT).optional(),
  feature: text.optional(),
  role: z.union([text.transform((role) => [role]), z.array(text, ROLE).min(1, ROLE)], ROLE).optional(),
};

/** A rule across fields. It runs even when another field is wrong, so that all problems are reported at once. */
export const roleNeedsFeature = {
  isMet: (route: { readonly role?: unknown; readonly feature?: unknown }) =>
    route.role === undefined || route.feature !== undefined,
  otherwise: { when: isObject, path: ['role'], error: 'needs a feature: a role opens the beta of one' },
};

export function isObject({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}

/** Fills in the defaults. */
export function routeRules(route: z.output<z.ZodObject<typeof routeShape>>): RouteRules {
  const { scope = [], audience = 'both', introspect, feature, role = [] } = route;
  return { scope, audience, introspects: introspect === 'always', feature, role };
}

/** What a rule about introspection needs of a validator. */
type IntrospectingValidator = Partial<Pick<Validator, 'introspect' | 'introspection'>>;

/** The error of a route that asks an issuer which the validator cannot ask. */
export const INTROSPECTION =
  'needs introspection of every side whose tokens the route accepts: set legacy.introspection and target.introspection of the validator';

/** Whether the issuers of all sides whose tokens a route accepts can be asked, if the route asks them. */
export function canIntrospect(
  { introspect, audience }: { readonly introspect?: unknown; readonly audience?: unknown },
  validator: IntrospectingValidator | undefined,
): boolean {
  if (introspect === undefined) return true;
  if (typeof validator?.introspect !== 'function' || typeof validator.introspection !== 'function') return false;
  const sides = validator.introspection().filter(({ side }) => side === 'target' || audience !== 'target');
  return sides.length > 0 && sides.every(({ isConfigured }) => isConfigured);
}
