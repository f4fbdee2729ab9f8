import type { Clock } from '@crossfade/core';
import { isIssuerUrl } from '@crossfade/core/schema';
import { type IssuerKeys, localKeys } from './issuer-keys.ts';
import type { KeyRefreshSettings } from './key-refresh-options.ts';
import { type JSONWebKeySet, readKeySet } from './key-set.ts';
import { createKeySetFetcher } from './key-set-fetcher.ts';
import { remoteKeys } from './remote-keys.ts';

/** Where the keys of one issuer come from: a JWKS, a URL, or the issuer's metadata. */
export type KeySource = JSONWebKeySet | URL | 'metadata';

const FETCH_TIMEOUT_MS = 5000;
const DEFAULTS: KeyRefreshSettings = { refreshAfterMs: 600_000, maxAgeMs: 86_400_000 };

/**
 * Opens the keys of one issuer. Fetches nothing before the first token.
 * @param names - every spelling of the issuer; metadata is looked for at the first one that is an https URL.
 */
export function openIssuerKeys(
  names: string | readonly string[],
  source: KeySource,
  now: Clock,
  refresh: KeyRefreshSettings = DEFAULTS,
): IssuerKeys {
  const spellings = [names].flat();
  const issuer = spellings.find(isIssuerUrl) ?? (spellings[0] as string);
  const local = readKeySet(source);
  if (local !== undefined) return localKeys(local);
  const fetchKeySet = createKeySetFetcher(issuer, source instanceof URL ? source : undefined);
  return remoteKeys({ ...refresh, issuer, fetchKeySet, timeoutMs: FETCH_TIMEOUT_MS, now });
}
