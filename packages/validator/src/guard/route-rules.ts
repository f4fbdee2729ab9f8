import { type Acceptance, isScopeToken } from '@crossfade/core';
import { z } from 'zod';

/** What one route asks for, beyond a token that the validator accepts. */
export interface RouteOptions {
  /** Scope the token must carry: a list, or one space-separated string. */
  readonly scope?: string | readonly string[];
  /**
   * `target` takes tokens of the target audience only, even while the acceptance switch still lets legacy ones in:
   * for routes that no legacy client uses. Default: `both`, which takes what the switch lets in.
   */
  readonly audience?: Acceptance;
  /** The feature this route belongs to. While it is off for the caller, the route does not exist for them: 404. */
  readonly feature?: string;
  /** The role that opens the feature's beta, or several, any of which does. Absent: only its `-public` flag does. */
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

/** What a route that says nothing asks for. */
export const DEFAULT_RULES: RouteRules = {
  scope: [],
  audience: 'both',
  feature: undefined,
  role: [],
};

const AUDIENCE = 'must be both or target';
const TEXT = 'must be a text of at least one character';
const ROLE = 'must be a role, or a list of at least one role';
const SCOPE = 'must be a space-separated text, or a list of scope values without space, quote or backslash';
const text = z.string(TEXT).min(1, TEXT);

/** What every route can ask for, as fields of a schema. */
export const routeShape = {
  scope: z
    .union([z.string().transform((scope) => scope.split(' ').filter(Boolean)), z.array(z.string())], SCOPE)
    .refine((scope) => scope.every(isScopeToken), SCOPE)
    .optional(),
  audience: z.enum(['both', 'target'], AUDIENCE).optional(),
  feature: text.optional(),
  role: z.union([text.transform((role) => [role]), z.array(text, ROLE).min(1, ROLE)], ROLE).optional(),
};

/** A rule over several fields. It looks at them even when another one is wrong, so that all problems come at once. */
export const roleNeedsFeature = {
  isMet: (route: { readonly role?: unknown; readonly feature?: unknown }) =>
    route.role === undefined || route.feature !== undefined,
  otherwise: { when: isObject, path: ['role'], error: 'needs a feature beside it: it opens the beta of one' },
};

export function isObject({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}

/** Fills in what a route leaves out. */
export function routeRules(route: z.output<z.ZodObject<typeof routeShape>>): RouteRules {
  const { scope = [], audience = 'both', feature, role = [] } = route;
  return { scope, audience, feature, role };
}
