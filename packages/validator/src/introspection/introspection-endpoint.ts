import { findIntrospectionUrl } from '../keys/issuer-metadata.ts';
import type { IntrospectionSettings } from './introspection-options.ts';
import { introspectionRequest } from './introspection-request.ts';
import { type IntrospectionResponse, readIntrospectionResponse } from './introspection-response.ts';
import type { ResponseVerifier } from './signed-response.ts';
import { openTokenEndpoint, type TokenHistory, unusableStatus } from './token-endpoint.ts';

/** The introspection endpoint of one issuer (RFC 7662 §2). */
export interface IntrospectionEndpoint {
  readonly settings: IntrospectionSettings;
  /**
   * Introspects one token. Caches nothing.
   * @throws `UnavailableError` for everything but a valid response (RFC 7662 §2.2). It is never the caller's fault.
   */
  introspect(token: string, history?: TokenHistory): Promise<IntrospectionResponse>;
  /** Aborts pending requests, and sends no more. */
  close(): void;
}

/** Opens an endpoint. Sends nothing before the first token. */
export function openIntrospectionEndpoint(
  settings: IntrospectionSettings,
  verifier: ResponseVerifier,
): IntrospectionEndpoint {
  const { issuer, issuers, endpoint, timeoutMs } = settings;
  const { ask, close } = openTokenEndpoint({
    name: `the introspection endpoint of ${issuer}`,
    dependency: 'introspection',
    endpoint: endpoint === 'metadata' ? (signal) => findIntrospectionUrl(issuers, signal) : endpoint,
    timeoutMs,
    now: verifier.now,
    request: (token) => introspectionRequest(token, settings),
    async read(response) {
      if (response.status === 200) return readIntrospectionResponse(response, settings, verifier);
      throw await unusableStatus(response, 'introspection.clientId and clientSecret');
    },
  });
  return { settings, introspect: ask, close };
}
