import { isSecureUrl } from '@crossfade/core/schema';
import { z } from 'zod';
import { fetchJson } from '../http/fetch-json.ts';

const metadataSchema = z.looseObject({ issuer: z.string() });

/** What we look for in an issuer's metadata (RFC 8414 §2). */
type Endpoint = 'jwks_uri' | 'introspection_endpoint';

/**
 * Finds where an issuer publishes its keys: OpenID Connect Discovery first, then RFC 8414.
 * @throws an `AggregateError` with one error for each place that did not answer with metadata of this very issuer.
 */
export function findJwksUrl(issuer: string, signal: AbortSignal): Promise<URL> {
  return findUrl(issuer, 'jwks_uri', signal);
}

/** Finds where an issuer tells about its opaque tokens, in the same places, and with the same errors. */
export function findIntrospectionUrl(issuer: string, signal: AbortSignal): Promise<URL> {
  return findUrl(issuer, 'introspection_endpoint', signal);
}

async function findUrl(issuer: string, endpoint: Endpoint, signal: AbortSignal): Promise<URL> {
  const failures: unknown[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      return readUrl(endpoint, await fetchJson(url, signal), issuer, url);
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, `no metadata of ${issuer}`);
}

/** OpenID Connect Discovery §4 appends to the issuer's path; RFC 8414 §3.1 inserts before it. */
function metadataUrls(issuer: string): readonly URL[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    new URL(`${origin}${path}/.well-known/openid-configuration`),
    new URL(`${origin}/.well-known/oauth-authorization-server${path}`),
  ];
}

/** Metadata of another issuer would let that one sign for ours (RFC 8414 §3.3). */
function readUrl(endpoint: Endpoint, json: unknown, issuer: string, from: URL): URL {
  const metadata = metadataSchema.safeParse(json);
  const url = z.url().safeParse(metadata.data?.[endpoint]);
  if (!metadata.success || !url.success) throw new Error(`${from} names no issuer or no ${endpoint}`);
  if (metadata.data.issuer !== issuer) throw new Error(`${from} is the metadata of another issuer`);
  if (!isSecureUrl(url.data)) throw new Error(`${from} names a ${endpoint} that is not https`);
  return new URL(url.data);
}
