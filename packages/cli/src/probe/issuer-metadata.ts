import { UnavailableError } from '@crossfade/core';
import { isSecureUrl } from '@crossfade/core/schema';
import { z } from 'zod';
import { displayUrl, getJson } from '../verb/http-json.ts';

const names = z.array(z.string()).optional().catch(undefined);
const endpoint = z.string().refine(isSecureUrl).optional().catch(undefined);
/** What Crossfade reads of an issuer's metadata (OpenID Connect Discovery §3, RFC 8414 §2). */
const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: endpoint,
  token_endpoint: endpoint,
  introspection_endpoint: endpoint,
  scopes_supported: names,
  token_endpoint_auth_methods_supported: names,
  id_token_signing_alg_values_supported: names,
});
export type IssuerMetadata = z.infer<typeof metadataSchema>;

/**
 * Fetches the metadata of an issuer: OpenID Connect Discovery first, then RFC 8414 §3, as the validator does. It may name
 * another issuer.
 * @throws `UnavailableError` when there is none. Names the issuer, no payload.
 */
export async function findIssuerMetadata(issuer: string, signal: AbortSignal): Promise<IssuerMetadata> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const urls = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
  const failures: string[] = [];
  for (const url of urls) {
    try {
      const parsed = metadataSchema.safeParse((await getJson(url, signal)).body);
      if (parsed.success) return parsed.data;
      failures.push('returns metadata without an issuer');
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      failures.push(error.message);
    }
  }
  throw new UnavailableError(`the issuer ${displayUrl(issuer)} ${[...new Set(failures)].join('; ')}`);
}

/** As {@link findIssuerMetadata}. @throws `UnavailableError` also when the metadata is that of another issuer. */
export async function fetchIssuerMetadata(issuer: string, signal: AbortSignal): Promise<IssuerMetadata> {
  const metadata = await findIssuerMetadata(issuer, signal);
  if (metadata.issuer === issuer) return metadata;
  throw new UnavailableError(`the metadata of ${displayUrl(issuer)} names another issuer: crossfade doctor says more`);
}
