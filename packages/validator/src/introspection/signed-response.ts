import type { Clock } from '@crossfade/core';
import { readCompactJws } from '../jwt/compact-jws.ts';
import type { JsonObject } from '../jwt/strict-json.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import type { IntrospectionSettings } from './introspection-options.ts';
import { UnusableResponseError } from './unusable-response-error.ts';

/** What signed responses are verified with. */
export interface ResponseVerifier {
  /** The keys of the issuer that the endpoint belongs to. */
  readonly keys: IssuerKeys;
  readonly clockToleranceSeconds: number;
  readonly now: Clock;
}

const TYPE = /^(application\/)?token-introspection\+jwt$/i;
/** The issuer signs a response on request, so an older one is a replay. */
const MAX_AGE_SECONDS = 60;

/**
 * Verifies a signed response (RFC 9701 §5), and returns its `token_introspection`.
 * @throws an `UnusableResponseError` that says why it is not valid.
 * @throws `UnavailableError` when the issuer's keys cannot be fetched.
 */
export async function readSignedResponse(
  text: string,
  { issuers, clientId, algorithms }: Pick<IntrospectionSettings, 'issuers' | 'clientId' | 'algorithms'>,
  { keys, clockToleranceSeconds, now }: ResponseVerifier,
): Promise<JsonObject> {
  const jws = readCompactJws(text.trim());
  if (typeof jws === 'string') throw new UnusableResponseError('sent a signed response that is not a compact JWS');
  if (!TYPE.test(jws.type ?? ''))
    throw new UnusableResponseError('sent a JWT whose typ is not token-introspection+jwt');
  const keySet = await verifySignature(jws, keys, algorithms);
  if (typeof keySet === 'string')
    throw new UnusableResponseError(`sent a response whose signature is not valid: ${keySet}`);
  const { iss, aud, iat, token_introspection: content } = jws.claims;
  if (!issuers.some((name) => name === iss)) throw new UnusableResponseError('sent a response of another issuer');
  if (aud !== clientId && !(Array.isArray(aud) && aud.includes(clientId))) {
    throw new UnusableResponseError('sent a response whose aud is not introspection.clientId');
  }
  if (typeof iat !== 'number') throw new UnusableResponseError('sent a response without iat');
  const ageSeconds = now() / 1000 - iat;
  if (ageSeconds < -clockToleranceSeconds || ageSeconds > MAX_AGE_SECONDS + clockToleranceSeconds) {
    throw new UnusableResponseError('sent a response whose iat is not recent: compare the clocks');
  }
  if (!isObject(content)) throw new UnusableResponseError('sent a response without token_introspection');
  return content;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
