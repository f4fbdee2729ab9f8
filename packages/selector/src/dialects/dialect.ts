import type { Problem, RequestParameters, SidePlan } from '@crossfade/core';

/** How a provider is asked for an audience. The package's README lists what each dialect needs configured. */
export const DIALECTS = ['scope', 'resource', 'auth0', 'entra', 'cognito', 'pingone', 'okta', 'keycloak'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** The part of a side that a login asks for. A whole `SidePlan` fits. */
export type SelectableSide = Pick<SidePlan, 'scope' | 'resource'> &
  Partial<Pick<SidePlan, 'issuer' | 'issuers' | 'audience'>>;

/** How one provider is asked for well-formed sides. */
export interface DialectRules {
  /** Only for a side without problems. */
  readonly parameters: (side: SelectableSide) => RequestParameters;
  /** What this provider rejects, or silently maps to another audience; paths are relative to the side. */
  readonly problems: (side: SelectableSide) => readonly Problem[];
  /** What is wrong with the two sides together; reported at the target. */
  readonly pairProblems: (legacy: SelectableSide, target: SelectableSide) => readonly Problem[];
  /** Says why one request cannot ask for sides of two migrations; absent if any two go together. */
  readonly conflict?: (one: SelectableSide, other: SelectableSide) => string | undefined;
}

/** Splits a space-separated scope into its values (RFC 6749 §3.3). */
export function scopeValues(scope: string): readonly string[] {
  return scope.split(' ').filter((value) => value !== '');
}
