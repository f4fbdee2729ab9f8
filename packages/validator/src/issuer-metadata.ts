import { z } from 'zod';
import { fetchJson } from './fetch-json.ts';
import { isTrustworthyUrl } from './trustworthy-url.ts';

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/**
 * Finds where an issuer publishes its keys: OpenID Connect Discovery first, then RFC 8414.
 * @throws an `AggregateError` with one error for each place that did not answer with metadata of this very issuer.
 */
export async function findJwksUrl(issuer: string, signal: AbortSignal): Promise<URL> {
  const failures: unknown[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      return readJwksUrl(await fetchJson(url, signal), issuer, url);
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
function readJwksUrl(json: unknown, issuer: string, from: URL): URL {
  const metadata = metadataSchema.safeParse(json);
  if (!metadata.success) throw new Error(`${from} names no issuer or no jwks_uri`);
  if (metadata.data.issuer !== issuer) throw new Error(`${from} is the metadata of another issuer`);
  const url = new URL(metadata.data.jwks_uri);
  if (!isTrustworthyUrl(url)) throw new Error(`${from} names a jwks_uri that is not https`);
  return url;
}
