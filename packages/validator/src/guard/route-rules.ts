import { type Acceptance, isScopeToken } from '@crossfade/core';
import { z } from 'zod';

/** What one route demands, beyond a token that the validator accepts. */
export interface RouteOptions {
  /** Scope the token must carry: a list, or one space-separated string. */
  readonly scope?: string | readonly string[];
  /**
   * `target` accepts tokens of the target audience only, even while the acceptance switch still accepts legacy ones:
   * for routes that no legacy client uses. Default: `both`, which accepts what the switch accepts.
   */
  readonly audience?: Acceptance;
  /** The feature this route belongs to. While it is off for the caller, the route does not exist for that caller: 404. */
  readonly feature?: string;
  /** The role, or any of a list of roles, that opens the feature's beta. Absent: only its `-public` flag does. */
  readonly role?: string | readonly string[];
}

/** The options of a route, checked. */
export interface RouteRules {
  readonly scope: readonly string[];
  readonly audience: Acceptance;
  readonly feature: string | undefined;
  /** Any of them opens the beta of the feature. */
  readonly role: readonly string[];
}

/** The rules of a route without options. */
export const DEFAULT_RULES: RouteRules = {
  scope: [],
  audience: 'both',
  feature: undefined,
  role: [],
};

const AUDIENCE = 'must be both or target';
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
  const { scope = [], audience = 'both', feature, role = [] } = route;
  return { scope, audience, feature, role };
}
