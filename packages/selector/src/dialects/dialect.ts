import type { Problem, SidePlan } from '@crossfade/core';

/** How a provider is asked for an audience. The package's README lists what each dialect needs configured. */
export const DIALECTS = ['scope', 'resource', 'auth0', 'entra', 'cognito', 'pingone', 'okta', 'keycloak'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** The part of a side that a login asks for. A whole `SidePlan` fits. */
export type SelectableSide = Pick<SidePlan, 'scope' | 'resource'> & Partial<Pick<SidePlan, 'issuer' | 'audience'>>;

/** The request parameters that ask for a side. */
export type RequestParameters = Readonly<Record<string, string>>;

/** How one provider is asked for well-formed sides. */
export interface DialectRules {
  /** Only for a side without problems. */
  readonly parameters: (side: SelectableSide) => RequestParameters;
  /** What this provider rejects, or silently maps to another audience; paths are relative to the side. */
  readonly problems: (side: SelectableSide) => readonly Problem[];
  /** What is wrong with the two sides together; reported at the target. */
  readonly pairProblems: (legacy: SelectableSide, target: SelectableSide) => readonly Problem[];
}

/** Splits a space-separated scope into its values (RFC 6749 §3.3). */
export function scopeValues(scope: string): readonly string[] {
  return scope.split(' ').filter((value) => value !== '');
}
