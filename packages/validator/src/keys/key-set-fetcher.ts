import { fetchJson } from '../http/fetch-json.ts';
import { findJwksUrl } from './issuer-metadata.ts';
import { type KeySet, readKeySet } from './key-set.ts';

/**
 * Creates a function that fetches the key set of one issuer, from `jwksUrl` or from the URL in the issuer's metadata.
 * The metadata is read again after that URL fails.
 */
export function createKeySetFetcher(
  issuer: string,
  jwksUrl: URL | undefined,
): (signal: AbortSignal) => Promise<KeySet> {
  let found: URL | undefined;

  return async (signal) => {
    const url = jwksUrl ?? found ?? (await findJwksUrl(issuer, signal));
    found = undefined;
    const keySet = readKeySet(await fetchJson(url, signal));
    if (keySet === undefined) throw new Error(`${url} holds no public signature key`);
    found = url;
    return keySet;
  };
}
