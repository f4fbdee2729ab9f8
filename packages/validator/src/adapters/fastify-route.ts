import { ConfigError } from '@crossfade/core';
import { schemaProblems } from '@crossfade/core/schema';
import { z } from 'zod';
import type { GuardSettings } from '../guard/guard-options.ts';
import {
  canIntrospect,
  DEFAULT_RULES,
  INTROSPECTION,
  isObject,
  type RouteOptions,
  type RouteRules,
  roleNeedsFeature,
  routeRules,
  routeShape,
} from '../guard/route-rules.ts';

/** The options of one route, in its `config.crossfade`. */
export interface CrossfadeRouteOptions extends RouteOptions {
  /** `true`: no token is needed, and none is read. */
  readonly public?: boolean;
}

/** The checked options of a Fastify route. */
export interface FastifyRoute {
  readonly isPublic: boolean;
  readonly rules: RouteRules;
}

/** A route without options. */
export const DEFAULT_ROUTE: FastifyRoute = { isPublic: false, rules: DEFAULT_RULES };

const PUBLIC = 'excludes scope, audience, introspect and role: a public route needs no token';
const FEATURES = 'needs the features option of the plugin: it says whether the feature is open';

const schema = z
  .strictObject({ ...routeShape, public: z.boolean('must be true or false').optional() })
  .refine(roleNeedsFeature.isMet, roleNeedsFeature.otherwise)
  .refine(
    ({ public: isPublic, scope, audience, introspect, role }) =>
      isPublic !== true || (scope ?? audience ?? introspect ?? role) === undefined,
    {
      when: isObject,
      path: ['public'],
      error: PUBLIC,
    },
  );

/** @throws `ConfigError` with every problem of the options. */
export function readFastifyRoute(
  options: CrossfadeRouteOptions,
  { features, validator }: Pick<GuardSettings<never>, 'features' | 'validator'>,
  url: string,
): FastifyRoute {
  const subject = `route ${url}: config.crossfade`;
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new ConfigError(subject, schemaProblems(parsed.error, schema));
  const { public: isPublic = false, ...route } = parsed.data;
  if (route.feature !== undefined && features === undefined) {
    throw new ConfigError(subject, [{ path: 'feature', message: FEATURES }]);
  }
  if (!canIntrospect(route, validator)) {
    throw new ConfigError(subject, [{ path: 'introspect', message: INTROSPECTION }]);
  }
  return { isPublic, rules: routeRules(route) };
}
