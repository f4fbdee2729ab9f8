import { isScopeToken } from '@crossfade/core';
import type { IssuerMetadata } from '../probe/issuer-metadata.ts';
import type { StoreOptions } from './init-options.ts';

/** How the legacy side is known. */
export type LegacyIdentity =
  | { readonly audience: string }
  | { readonly clientIds: readonly string[] }
  | { readonly withoutAudience: true }
  | { readonly anyAudience: true };

/** A value, and where it comes from: the plan says so beside it. */
export interface Reasoned<T> {
  readonly value: T;
  readonly because: string;
}

/** Everything that goes into a first plan. */
export interface PlanDraft {
  /** The schema for editors, relative to the plan. */
  readonly schemaPath: string;
  readonly migration: string;
  readonly issuer: string;
  readonly legacy: LegacyIdentity;
  readonly legacyScope: Reasoned<string>;
  readonly legacyLifetime: Reasoned<string>;
  readonly target: string;
  readonly targetScope: Reasoned<string>;
  readonly targetLifetime: Reasoned<string>;
  readonly resource: string | undefined;
  /** The algorithms of the keys that the issuer publishes now; empty: unknown. */
  readonly algorithms: readonly string[];
  readonly clients: Reasoned<readonly string[]> | undefined;
  readonly maxTokenBytes: number | undefined;
  readonly hasOpaqueTokens: boolean;
  readonly introspectionEndpoint: string | undefined;
  readonly store: StoreOptions;
  readonly sidecars: readonly string[];
  readonly service: string;
  readonly upstream: Reasoned<string>;
}

const LOGIN_SCOPE = ['openid', 'profile', 'email'];
const MOST_PROPOSED = 5;

/** Proposes the scope of logins today: what OpenID Connect logins ask for, as far as the issuer supports it. */
export function proposeLegacyScope(metadata: IssuerMetadata | undefined): Reasoned<string> {
  const supported = metadata?.scopes_supported;
  if (supported === undefined) return { value: '', because: 'unknown: write what your logins ask for today' };
  const words = LOGIN_SCOPE.filter((word) => supported.includes(word));
  return { value: words.join(' '), because: 'a guess from the metadata: write what your logins ask for today' };
}

/** Proposes the scope of target: login scope, and what the issuer supports that names the API. */
export function proposeTargetScope(
  target: string,
  legacyScope: string,
  metadata: IssuerMetadata | undefined,
): Reasoned<string> {
  const name = apiName(target);
  const named = (metadata?.scopes_supported ?? []).filter(
    (value) => isScopeToken(value) && (value.startsWith(`${target}/`) || value.split(/[:./]/).includes(name)),
  );
  const words = [...new Set([...legacyScope.split(' '), ...named.slice(0, MOST_PROPOSED)])].filter(
    (word) => word !== '',
  );
  const because =
    named.length === 0
      ? 'what legacy asks for: add the scope values of this API'
      : `the metadata names ${named.length === 1 ? 'one scope value' : `${named.length} scope values`} of this API: check them`;
  return { value: words.join(' '), because };
}

/** The last part of an audience that says something: `orders` of `https://api.example.com/orders`. */
export function apiName(audience: string): string {
  const parts = audience
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:(?:\/\/)?/, '')
    .split('/')
    .filter((part) => part !== '');
  const last = (parts.length > 1 ? parts.at(-1) : parts[0]?.split('.')[0]) ?? '';
  return (
    last
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 48) || 'api'
  );
}

/** Writes seconds as a plan does: one unit, never less. */
export function planDuration(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${Math.ceil(seconds)}s`;
}
