import type { Problem, RequestParameters } from '@crossfade/core';
import type { DialectRules, SelectableSide } from './dialect.ts';
import { scopeParameter } from './scope-dialect.ts';

/** Asks by scope, and by resource if the side has one: for providers that choose the audience by either. */
export const standardDialect: DialectRules = {
  parameters: scopeAndResource,
  problems: () => [],
  pairProblems: () => [],
};

/**
 * The resource indicator chooses the audience; a side without one gets the provider's default.
 * @see RFC 8707 §2
 */
export const resourceDialect: DialectRules = {
  ...standardDialect,
  pairProblems: needsAResource,
  conflict: lostDefault,
};

export function scopeAndResource(side: SelectableSide): RequestParameters {
  return { ...scopeParameter(side), ...(side.resource !== undefined && { resource: side.resource }) };
}

/** A request with a resource is for that one alone: whatever the provider gives without one is lost (RFC 8707 §2.2). */
function lostDefault(one: SelectableSide, other: SelectableSide): string | undefined {
  if ((one.resource === undefined) === (other.resource === undefined)) return undefined;
  return "one has no resource, which requests the provider's default audience, and a request with a resource loses it: give it a resource";
}

function needsAResource(legacy: SelectableSide, target: SelectableSide): Problem[] {
  if (legacy.resource !== target.resource || legacy.issuer !== target.issuer) return [];
  return [{ path: 'target.resource', message: 'must differ from legacy: in this dialect it chooses the audience' }];
}
