import type { Clock } from '@crossfade/core';
import { isIssuerUrl } from '@crossfade/core/schema';
import { withSecondAttempt } from '../http/second-attempt.ts';
import { type IssuerKeys, localKeys } from './issuer-keys.ts';
import type { KeyRefreshSettings } from './key-refresh-options.ts';
import { type JSONWebKeySet, readKeySet } from './key-set.ts';
import { createKeySetFetcher } from './key-set-fetcher.ts';
import { remoteKeys } from './remote-keys.ts';

/**
 * Where the keys of one issuer come from: a JWKS, a URL, or the issuer's metadata. A URL may be http, because the operator
 * said so of a network that they trust.
 */
export type KeySource = JSONWebKeySet | URL | 'metadata';

const FETCH_TIMEOUT_MS = 5000;
/** A response takes a fraction of this. After an outage keys are there as soon. */
const SECOND_ATTEMPT_MS = 1500;
const DEFAULTS: KeyRefreshSettings = { refreshAfterMs: 600_000, maxAgeMs: 86_400_000 };

/**
 * Opens the keys of one issuer. Fetches nothing before the first token, and nothing from the issuer itself unless
 * `source` is `metadata`.
 * @param names - every spelling of the issuer, the first one its name. See {@link findJwksUrl}.
 */
export function openIssuerKeys(
  names: string | readonly string[],
  source: KeySource,
  now: Clock,
  refresh: KeyRefreshSettings = DEFAULTS,
): IssuerKeys {
  const spellings = [names].flat();
  const local = readKeySet(source);
  if (local !== undefined) return localKeys(local);
  const fetchKeySet = createKeySetFetcher(spellings, source instanceof URL ? source : undefined);
  return remoteKeys({
    ...refresh,
    issuer: spellings[0] as string,
    server: serverOf(spellings, source),
    fetchKeySet: (signal) => withSecondAttempt(SECOND_ATTEMPT_MS, signal, fetchKeySet),
    timeoutMs: FETCH_TIMEOUT_MS,
    now,
  });
}

/** The origin alone: a path or a query may hold a secret. */
function serverOf(names: readonly string[], source: KeySource): string {
  if (source instanceof URL) return source.origin;
  const issuer = names.find(isIssuerUrl);
  return issuer === undefined ? (names[0] as string) : new URL(issuer).origin;
}
