import { fetchDocument, type JsonDocument } from '../http/fetch-json.ts';
import { findJwksUrl } from './issuer-metadata.ts';
import { examineKeySet, type KeySet } from './key-set.ts';
import { UnusableKeysError } from './unusable-keys-error.ts';

/** A key set as an issuer has just returned it. */
export interface FetchedKeySet {
  readonly keySet: KeySet;
  /** How long the issuer lets it be used before it is fetched again, in milliseconds; `undefined` if it does not say. */
  readonly freshForMs: number | undefined;
}

/**
 * Creates a function that fetches the key set of one issuer, from `jwksUrl` or from the URL in the issuer's metadata.
 * With `jwksUrl`, nothing is fetched from the issuer: it may be no URL at all. The metadata is read again after that URL fails. An issuer that sends an `ETag` can say that its keys have not changed.
 * It throws an `UnusableKeysError` for a key set without a usable key.
 * @param names - every spelling of the issuer.
 */
export function createKeySetFetcher(
  names: readonly string[],
  jwksUrl: URL | undefined,
): (signal: AbortSignal) => Promise<FetchedKeySet> {
  let found: URL | undefined;
  let last: { readonly url: string; readonly document: JsonDocument } | undefined;

  return async (signal) => {
    const url = jwksUrl ?? found ?? (await findJwksUrl(names, signal));
    found = undefined;
    const document = await fetchDocument(url, signal, last?.url === url.href ? last.document : undefined);
    const content = examineKeySet(document.json);
    if (content?.keySet === undefined) throw new UnusableKeysError(url, content);
    last = { url: url.href, document };
    found = url;
    return { keySet: content.keySet, freshForMs: document.freshForMs };
  };
}
