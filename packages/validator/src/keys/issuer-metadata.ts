import { isIssuerUrl, isSecureUrl } from '@crossfade/core/schema';
import { z } from 'zod';
import { fetchJson, UnexpectedResponseError } from '../http/fetch-json.ts';

const metadataSchema = z.looseObject({ issuer: z.string() });

/** The endpoints that we read from an issuer's metadata (RFC 8414 §2). */
type Endpoint = 'jwks_uri' | 'introspection_endpoint';

/**
 * Finds the JWKS URL of an issuer: OpenID Connect Discovery first, then RFC 8414.
 * @param names - every spelling of the issuer. Metadata is looked for at the first one that is an https URL (http on
 * loopback), and nowhere else; the `issuer` in it must be one of them, character by character (RFC 8414 §3.3).
 * @throws an `AggregateError` with one error for each metadata URL that did not return metadata of this issuer.
 */
export function findJwksUrl(names: readonly string[], signal: AbortSignal): Promise<URL> {
  return findUrl(names, 'jwks_uri', signal);
}

/** Finds the introspection endpoint of an issuer, in the same metadata and with the same errors. */
export function findIntrospectionUrl(names: readonly string[], signal: AbortSignal): Promise<URL> {
  return findUrl(names, 'introspection_endpoint', signal);
}

async function findUrl(names: readonly string[], endpoint: Endpoint, signal: AbortSignal): Promise<URL> {
  const issuer = names.find(isIssuerUrl);
  if (issuer === undefined) throw new Error(`${names[0]} is no https URL, so it has no metadata`);
  const failures: unknown[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      return readUrl(endpoint, await fetchJson(url, signal), names, url);
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

/** Rejects metadata of another issuer: its keys would sign for ours (RFC 8414 §3.3). */
function readUrl(endpoint: Endpoint, json: unknown, names: readonly string[], from: URL): URL {
  const metadata = metadataSchema.safeParse(json);
  const url = z.url().safeParse(metadata.data?.[endpoint]);
  if (!metadata.success || !url.success) throw new UnexpectedResponseError(from, `names no issuer or no ${endpoint}`);
  if (!names.includes(metadata.data.issuer))
    throw new UnexpectedResponseError(from, 'is the metadata of another issuer');
  if (!isSecureUrl(url.data)) throw new UnexpectedResponseError(from, `names a ${endpoint} that is not https`);
  return new URL(url.data);
}
