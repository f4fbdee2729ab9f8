import { ConfigError } from '@crossfade/core';
import { customOption, schemaProblems } from '@crossfade/core/schema';
import { z } from 'zod';
import type { RequestReader } from '../request/request-reader.ts';
import { type AllowedRequest, createGuard, type GuardDecision } from './guard.ts';
import { type GuardOptions, guardSettings, guardShape, type PreflightHandling } from './guard-options.ts';
import type { MeteredOptions } from './request-meter.ts';
import {
  canIntrospect,
  INTROSPECTION,
  isObject,
  type RouteOptions,
  roleNeedsFeature,
  routeRules,
  routeShape,
} from './route-rules.ts';

/** A guard that applies the same rules to every request. */
export type RouteGuard<R> = (request: R, earlier?: AllowedRequest) => GuardDecision | Promise<GuardDecision>;

const FEATURES = 'is required with feature: it says whether the feature is open';

/** An option of every adapter whose server lets it write its own 404. */
export const NOT_FOUND = { notFound: customOption<object>(isFunction, 'a function').optional() };

function schemaWith(more: z.ZodRawShape) {
  return z
    .strictObject({ ...guardShape, ...routeShape, ...more }, 'must be an object with a validator')
    .refine(roleNeedsFeature.isMet, roleNeedsFeature.otherwise)
    .refine(({ feature, features }) => feature === undefined || features !== undefined, {
      when: isObject,
      path: ['features'],
      error: FEATURES,
    })
    .refine((options) => canIntrospect(options, options.validator), {
      when: isObject,
      path: ['introspect'],
      error: INTROSPECTION,
    });
}

/**
 * @param subject - names the adapter in errors.
 * @param more - options of this adapter only.
 * @throws `ConfigError` with every problem of the options.
 */
export function createRouteGuard<R>(
  options: GuardOptions<R> & RouteOptions,
  reader: RequestReader<R>,
  subject: string,
  more: z.ZodRawShape = NOT_FOUND,
): RouteGuard<R> {
  const schema = schemaWith(more);
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new ConfigError(subject, schemaProblems(parsed.error, schema));
  const { preflight, metrics } = parsed.data as typeof parsed.data & MoreSettings;
  const guard = createGuard({ ...guardSettings<R>(parsed.data), preflight, metrics }, reader);
  const rules = routeRules(parsed.data);
  return (request, earlier) => guard.check(request, rules, earlier);
}

/** What some adapters have among their own options. */
interface MoreSettings extends MeteredOptions {
  readonly preflight?: PreflightHandling;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
