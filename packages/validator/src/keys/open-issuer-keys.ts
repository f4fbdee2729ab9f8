import type { Clock } from '@crossfade/core';
import type { KeyRefreshSettings, KeySource } from '../settings/validator-settings.ts';
import { givenKeys, type IssuerKeys } from './issuer-keys.ts';
import { readKeySet } from './key-set.ts';
import { createKeySetFetcher } from './key-set-fetcher.ts';
import { fetchedKeys } from './remote-keys.ts';

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
