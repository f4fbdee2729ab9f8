import { ConfigError } from '@crossfade/core';
import { z } from 'zod';
import type { RequestReader } from '../request/request-reader.ts';
import { handedIn } from '../schema/custom-option.ts';
import { schemaProblems } from '../schema/schema-problems.ts';
import { type Admission, type Admitted, createGuard } from './guard.ts';
import { type GuardOptions, guardSettings, guardShape } from './guard-options.ts';
import { isObject, type RouteOptions, roleNeedsFeature, routeRules, routeShape } from './route-rules.ts';

/** A guard that asks the same of every request. */
export type RouteGuard<R> = (request: R, earlier?: Admitted) => Admission | Promise<Admission>;

const FEATURES = 'is required beside feature: it says whether the feature is open';

/** What an adapter has beside those options, because its server lets it answer 404 in its own way. */
const ANSWERING = { notFound: handedIn<object>(isFunction, 'must be a function').optional() };

function schemaWith(more: z.ZodRawShape) {
  return z
    .strictObject({ ...guardShape, ...routeShape, ...more }, 'must be an object with a validator')
    .refine(roleNeedsFeature.isMet, roleNeedsFeature.otherwise)
    .refine(({ feature, features }) => feature === undefined || features !== undefined, {
      when: isObject,
      path: ['features'],
      error: FEATURES,
    });
}

/**
 * @param more - options that this adapter alone has.
 * @throws `ConfigError` with every problem of the options, in the name of `subject`.
 */
export function createRouteGuard<R>(
  options: GuardOptions<R> & RouteOptions,
  reader: RequestReader<R>,
  subject: string,
  more: z.ZodRawShape = ANSWERING,
): RouteGuard<R> {
  const parsed = schemaWith(more).safeParse(options);
  if (!parsed.success) throw new ConfigError(subject, schemaProblems(parsed.error));
  const guard = createGuard(guardSettings<R>(parsed.data), reader);
  const rules = routeRules(parsed.data);
  return (request, earlier) => guard.admit(request, rules, earlier);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
