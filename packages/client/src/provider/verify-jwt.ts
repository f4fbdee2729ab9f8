import { compactVerify, createRemoteJWKSet, errors, type JWTPayload, customFetch as joseFetch, jwtVerify } from 'jose';
import { type Configuration, customFetch } from 'openid-client';
import type { DiscoveredProvider, ProviderKeys } from './discovered-provider.ts';

const TOLERANCE_SECONDS = 30;
const RELOAD_EVERY_MS = 30_000;
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
export async function verifyJwt(jwt: string, discovered: DiscoveredProvider, currentDate: Date): Promise<VerifiedJwt> {
  const { configuration, keys } = discovered;
  const verify = () =>
    jwtVerify(jwt, keys, {
      issuer: configuration.serverMetadata().issuer,
      audience: configuration.clientMetadata().client_id,
      algorithms: signingAlgorithms(configuration),
      clockTolerance: TOLERANCE_SECONDS,
      currentDate,
    });
  const { payload, protectedHeader } = await verify().catch(async (error: unknown) => {
    if (!(error instanceof errors.JWSSignatureVerificationFailed) || !mayReload(keys)) throw error;
    await keys.reload?.();
    return verify();
  });
  return { payload, typ: protectedHeader.typ };
}

const reloads = new WeakMap<ProviderKeys, number>();

/** Anyone can send a JWT with a bad signature: the keys are fetched again for it once in half a minute. */
function mayReload(keys: ProviderKeys): boolean {
  const last = reloads.get(keys);
  if (last !== undefined && performance.now() - last < RELOAD_EVERY_MS) return false;
  reloads.set(keys, performance.now());
  return true;
}

/**
 * Verifies the signature of a JWT alone, of a response that the provider sent. Fetches the keys again if they do not fit: some
 * providers replace a key under the same id, and the response must not be lost for that.
 * @throws an error of `jose`.
 */
export async function verifySignature(jwt: string, { configuration, keys }: DiscoveredProvider): Promise<void> {
  const verify = () => compactVerify(jwt, keys, { algorithms: signingAlgorithms(configuration) });
  await verify().catch(async (error: unknown) => {
    if (!OF_OLD_KEYS.some((kind) => error instanceof kind)) throw error;
    await keys.reload?.();
    return verify();
  });
}

/** Fetches the keys if they are not known, before a request whose response cannot be repeated. */
export async function prepareKeys({ keys }: DiscoveredProvider): Promise<void> {
  if (keys.fresh === false) await keys.reload?.();
}

const OF_OLD_KEYS = [errors.JWSSignatureVerificationFailed, errors.JWKSNoMatchingKey];

/** A client secret signs nothing: who knows it is not the provider alone. */
function signingAlgorithms(configuration: Configuration): string[] {
  const { id_token_signing_alg_values_supported: supported } = configuration.serverMetadata();
  return (supported ?? DEFAULT_ALGORITHMS).filter(isAsymmetric);
}

/**
 * Creates the key set of a provider: fetched at the first use, renewed, and fetched again for an unknown key id. Refuses every key
 * id where the metadata names no keys, as that of OAuth 2.0 may, or keys that anyone in the network could replace.
 */
export function providerKeys(configuration: Configuration): ProviderKeys {
  const { issuer, jwks_uri: url } = configuration.serverMetadata();
  const isDowngrade = url?.startsWith('http:') && issuer.startsWith('https:');
  if (url === undefined || !URL.canParse(url) || isDowngrade)
    return () => Promise.reject(new errors.JWKSNoMatchingKey());
  const send = configuration[customFetch] ?? fetch;
  return createRemoteJWKSet(new URL(url), {
    [joseFetch]: (address, options) =>
      send(address, { ...options, headers: Object.fromEntries(options.headers), body: null }),
  });
}

function isAsymmetric(algorithm: string): boolean {
  return algorithm !== 'none' && !algorithm.startsWith('HS');
}
