import { ConfigError, type Problem } from '@crossfade/core';
import type { RouteOptions } from '../guard/route-rules.ts';

/** Rules by route, in the form of API Gateway: `GET /orders/{id}`, `ANY /files/{path+}`. */
export type LambdaRoutes = Readonly<Record<string, RouteOptions>>;

/** A route as a policy names it. */
export interface LambdaRoute {
  readonly name: string;
  readonly rules: RouteOptions;
  /** `GET/orders/*`, one for each method: a policy's `*` matches slashes, too. */
  readonly patterns: readonly string[];
}

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];
const ROUTE = /^(\w+) (\/[^\s*?]*)$/;
const PARAMETER = /\{[^{}/]+\}/g;

/**
 * Reads the routes of an authorizer.
 * @throws {@link ConfigError} for a route in another form, and for two routes that a policy cannot tell apart although
 * their rules differ.
 */
export function readLambdaRoutes(routes: LambdaRoutes, subject: string): readonly LambdaRoute[] {
  const read = Object.entries(routes).map(([name, rules]) => ({ name, rules, patterns: patternsOf(name) }));
  const problems = read.flatMap((route, index) => problemsOf(route, read.slice(index + 1)));
  if (problems.length > 0) throw new ConfigError(subject, problems);
  return read;
}

/** Whether a policy with these patterns is about a method, such as `GET/orders/1`. A client's `*` matches nothing. */
export function isMatch(patterns: readonly string[], method: string): boolean {
  return !method.includes('*') && overlap(patterns, [method]);
}

function patternsOf(route: string): readonly string[] {
  const [, method = '', path = ''] = ROUTE.exec(route) ?? [];
  const methods = method === 'ANY' ? METHODS : METHODS.filter((one) => one === method);
  return methods.map((one) => one + path.replaceAll(PARAMETER, '*'));
}

function problemsOf({ name, rules, patterns }: LambdaRoute, others: readonly LambdaRoute[]): readonly Problem[] {
  const path = `routes.${name}`;
  if (patterns.length === 0) return [{ path, message: 'must be a method and a path, such as GET /orders/{id}' }];
  const rulesText = JSON.stringify(rules);
  return others
    .filter((other) => JSON.stringify(other.rules) !== rulesText && overlap(patterns, other.patterns))
    .map((other) => ({
      path,
      message: `cannot be told from ${other.name} in a policy, where a parameter matches slashes, too: give both the same rules, or use an authorizer for each`,
    }));
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.some((other) => haveMatchInCommon(one, other)));
}

/** Whether a text exists that matches both patterns: looks from their ends to their beginnings. */
function haveMatchInCommon(one: string, other: string): boolean {
  let next = Array.from({ length: other.length + 1 }, (_, at) => /^\**$/.test(other.slice(at)));
  for (let index = one.length - 1; index >= 0; index -= 1) {
    const isStar = one[index] === '*';
    const row = [...next];
    row[other.length] = isStar && next[other.length] === true;
    for (let at = other.length - 1; at >= 0; at -= 1) {
      const skips = next[at] === true || row[at + 1] === true;
      row[at] = isStar || other[at] === '*' ? skips : one[index] === other[at] && next[at + 1] === true;
    }
    next = row;
  }
  return next[0] === true;
}
