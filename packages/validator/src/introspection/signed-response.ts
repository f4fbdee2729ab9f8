import type { Clock } from '@crossfade/core';
import { readCompactJws } from '../jwt/compact-jws.ts';
import type { JsonObject } from '../jwt/strict-json.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import type { IntrospectionSettings } from './introspection-options.ts';
import { UnusableResponseError } from './unusable-response-error.ts';

/** What signed answers are verified with. */
export interface ResponseVerifier {
  /** Of the issuer that was asked. */
  readonly keys: IssuerKeys;
  readonly clockToleranceSeconds: number;
  readonly now: Clock;
}

const TYPE = /^(application\/)?token-introspection\+jwt$/i;
/** An answer is made when it is asked for; an older one would be somebody's recording. */
const FRESH_FOR_SECONDS = 60;

/**
 * Verifies an answer that an issuer signed for us (RFC 9701 §5), and takes out what it says about the token.
 * @throws a `UnusableResponseError` that says why it is not to be relied on.
 * @throws `UnavailableError` when the issuer's keys can't be had.
 */
export async function readSignedResponse(
  text: string,
  { issuer, clientId, algorithms }: Pick<IntrospectionSettings, 'issuer' | 'clientId' | 'algorithms'>,
  { keys, clockToleranceSeconds, now }: ResponseVerifier,
): Promise<JsonObject> {
  const jws = readCompactJws(text.trim());
  if (typeof jws === 'string') throw new UnusableResponseError('signed its answer in a way that can not be read');
  if (!TYPE.test(jws.type ?? '')) throw new UnusableResponseError('sent a JWT that is no answer: its typ is another');
  const keySet = await verifySignature(jws, keys, algorithms);
  if (typeof keySet === 'string')
    throw new UnusableResponseError(`sent an answer that its issuer did not sign: ${keySet}`);
  const { iss, aud, iat, token_introspection: answer } = jws.claims;
  if (iss !== issuer) throw new UnusableResponseError('sent the answer of another issuer');
  if (aud !== clientId && !(Array.isArray(aud) && aud.includes(clientId))) {
    throw new UnusableResponseError('sent an answer that is meant for somebody else');
  }
  if (typeof iat !== 'number') throw new UnusableResponseError('sent an answer without a time');
  const ageSeconds = now() / 1000 - iat;
  if (ageSeconds < -clockToleranceSeconds || ageSeconds > FRESH_FOR_SECONDS + clockToleranceSeconds) {
    throw new UnusableResponseError('sent an answer of another time: compare the clocks');
  }
  if (!isObject(answer)) throw new UnusableResponseError('sent an answer without token_introspection');
  return answer;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
