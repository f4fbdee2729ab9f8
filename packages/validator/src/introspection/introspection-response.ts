import { readLimitedText } from '../http/read-limited-text.ts';
import { type JsonObject, parseStrictJson } from '../jwt/strict-json.ts';
import type { IntrospectionSettings } from './introspection-options.ts';
import { SIGNED_RESPONSE } from './introspection-request.ts';
import { type ResponseVerifier, readSignedResponse } from './signed-response.ts';
import { UnusableResponseError } from './unusable-response-error.ts';

const MAX_BYTES = 65_536;

/** What an issuer says about a token: that it is inactive, or its metadata (RFC 7662 §2.2). */
export type IntrospectionResponse = 'inactive' | JsonObject;

/**
 * Reads an introspection response. Its content type tells whether it is signed.
 * @throws an `UnusableResponseError` when it is not a valid response.
 * @throws `UnavailableError` when it is signed and the issuer's keys cannot be fetched.
 */
export async function readIntrospectionResponse(
  response: Response,
  settings: Pick<IntrospectionSettings, 'issuers' | 'clientId' | 'response' | 'algorithms'>,
  verifier: ResponseVerifier,
): Promise<IntrospectionResponse> {
  const isSigned = mediaTypeOf(response) === SIGNED_RESPONSE;
  if (!isSigned && settings.response === 'jwt') throw new UnusableResponseError('did not sign its response (RFC 9701)');
  const text = await readResponseText(response);
  const content = isSigned ? await readSignedResponse(text, settings, verifier) : parseStrictJson(text);
  if (typeof content?.['active'] !== 'boolean')
    throw new UnusableResponseError('sent a response without a boolean active (RFC 7662 §2.2)');
  return content['active'] ? content : 'inactive';
}

/**
 * Reads the body of a response.
 * @throws an `UnusableResponseError` when it has more than 64 KiB.
 */
export async function readResponseText(response: Response): Promise<string> {
  const text = await readLimitedText(response, MAX_BYTES);
  if (text === undefined) throw new UnusableResponseError(`answered with more than ${MAX_BYTES} bytes`);
  return text;
}

/** The media type in `Content-Type`, without parameters and in lower case. */
export function mediaTypeOf({ headers }: Response): string {
  return (headers.get('content-type') ?? '').replace(/;.*$/s, '').trim().toLowerCase();
}
