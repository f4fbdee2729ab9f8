import type { Clock } from '@crossfade/core';
import { type IssuerKeys, localKeys } from './issuer-keys.ts';
import type { KeyRefreshSettings } from './key-refresh-options.ts';
import { type JSONWebKeySet, readKeySet } from './key-set.ts';
import { createKeySetFetcher } from './key-set-fetcher.ts';
import { remoteKeys } from './remote-keys.ts';

/** Where the keys of one issuer come from: given, at a URL, or found through the issuer's metadata. */
export type KeySource = JSONWebKeySet | URL | 'metadata';

const FETCH_TIMEOUT_MS = 5000;
const DEFAULTS: KeyRefreshSettings = { refreshAfterMs: 600_000, maxAgeMs: 86_400_000 };

/** Opens the keys of one issuer. Fetches nothing before a token asks for it. */
export function openIssuerKeys(
  issuer: string,
  source: KeySource,
  now: Clock,
  refresh: KeyRefreshSettings = DEFAULTS,
): IssuerKeys {
  const given = readKeySet(source);
  if (given !== undefined) return localKeys(given);
  const fetchKeySet = createKeySetFetcher(issuer, source instanceof URL ? source : undefined);
  return remoteKeys({ ...refresh, issuer, fetchKeySet, timeoutMs: FETCH_TIMEOUT_MS, now });
}
