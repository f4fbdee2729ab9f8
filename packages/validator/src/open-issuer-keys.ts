import type { Clock } from '@crossfade/core';
import { fetchedKeys } from './fetched-keys.ts';
import { givenKeys, type IssuerKeys } from './issuer-keys.ts';
import { readKeySet } from './key-set.ts';
import { createKeySetFetcher } from './key-set-fetcher.ts';
import type { KeyRefreshSettings, KeySource } from './validator-settings.ts';

const FETCH_TIMEOUT_MS = 5000;
const DEFAULTS: KeyRefreshSettings = { refreshAfterMs: 600_000, usableForMs: 86_400_000 };

/** Opens the keys of one issuer. Fetches nothing before a token asks for it. */
export function openIssuerKeys(
  issuer: string,
  source: KeySource,
  now: Clock,
  refresh: KeyRefreshSettings = DEFAULTS,
): IssuerKeys {
  const given = readKeySet(source);
  if (given !== undefined) return givenKeys(given);
  const fetchKeySet = createKeySetFetcher(issuer, source instanceof URL ? source : undefined);
  return fetchedKeys({ ...refresh, issuer, fetchKeySet, timeoutMs: FETCH_TIMEOUT_MS, now });
}
