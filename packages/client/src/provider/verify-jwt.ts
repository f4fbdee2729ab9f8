import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, customFetch as joseFetch, jwtVerify } from 'jose';
import { type Configuration, customFetch } from 'openid-client';

const TOLERANCE_SECONDS = 30;
/** Every provider supports it (OIDC Core §15.1). */
const DEFAULT_ALGORITHMS = ['RS256'];

/** A JWT that a provider signed for this client. */
export interface VerifiedJwt {
  readonly payload: JWTPayload;
  /** The `typ` of its header. */
  readonly typ: string | undefined;
}

/**
 * Verifies that a JWT is signed by the provider, issued by it, for this client, and valid now. Checks no other claim.
 * @throws an error of `jose`.
 */
export async function verifyJwt(
  jwt: string,
  configuration: Configuration,
  keys: JWTVerifyGetKey,
  currentDate: Date,
): Promise<VerifiedJwt> {
  const { issuer, id_token_signing_alg_values_supported: supported } = configuration.serverMetadata();
  const { payload, protectedHeader } = await jwtVerify(jwt, keys, {
    issuer,
    audience: configuration.clientMetadata().client_id,
    algorithms: (supported ?? DEFAULT_ALGORITHMS).filter(isAsymmetric),
    clockTolerance: TOLERANCE_SECONDS,
    currentDate,
  });
  return { payload, typ: protectedHeader.typ };
}

/** Creates the key set of a provider: fetched at the first use, renewed, and fetched again for an unknown key id. */
export function providerKeys(configuration: Configuration): JWTVerifyGetKey {
  const { jwks_uri: url } = configuration.serverMetadata();
  if (url === undefined) throw new TypeError('the metadata has no jwks_uri');
  const send = configuration[customFetch];
  return createRemoteJWKSet(new URL(url), {
    ...(configuration.timeout !== undefined && { timeoutDuration: configuration.timeout * 1000 }),
    ...(send !== undefined && { [joseFetch]: (address, request) => send(address, { ...request, ...plain(request) }) }),
  });
}

/** openid-client's type of fetch takes its headers as a record, and always a body. */
function plain({ headers }: { readonly headers: Headers }) {
  return { headers: Object.fromEntries(headers), body: null };
}

function isAsymmetric(algorithm: string): boolean {
  return algorithm !== 'none' && !algorithm.startsWith('HS');
}
