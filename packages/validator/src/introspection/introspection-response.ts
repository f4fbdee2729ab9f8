import { readBoundedText } from '../http/read-limited-text.ts';
import { type JsonObject, parseStrictJson } from '../jwt/strict-json.ts';
import { SIGNED_RESPONSE } from './introspection-request.ts';
import type { IntrospectionSettings } from './introspection-settings.ts';
import { NoAnswerError } from './no-response-error.ts';
import { type ResponseVerifier, readSignedAnswer } from './signed-response.ts';

const MAX_BYTES = 65_536;

/** What an issuer says about a token: nothing but that it is not active, or all it wants to tell (RFC 7662 §2.2). */
export type IntrospectionAnswer = 'inactive' | JsonObject;

/**
 * Reads the answer to a question about a token. Its content type tells whether it is signed.
 * @throws a `NoAnswerError` when it is no answer to rely on.
 * @throws `UnavailableError` when it is signed and the issuer's keys can't be had.
 */
export async function readIntrospectionAnswer(
  response: Response,
  settings: Pick<IntrospectionSettings, 'issuer' | 'clientId' | 'response' | 'algorithms'>,
  verifier: ResponseVerifier,
): Promise<IntrospectionAnswer> {
  const isSigned = mediaTypeOf(response) === SIGNED_RESPONSE;
  if (!isSigned && settings.response === 'jwt') throw new NoAnswerError('did not sign its answer (RFC 9701)');
  const text = await readBoundedText(response, MAX_BYTES);
  if (text === undefined) throw new NoAnswerError(`answered with more than ${MAX_BYTES} bytes`);
  const answer = isSigned ? await readSignedAnswer(text, settings, verifier) : parseStrictJson(text);
  if (typeof answer?.['active'] !== 'boolean') throw new NoAnswerError('did not answer as RFC 7662 §2.2 has it');
  return answer['active'] ? answer : 'inactive';
}

function mediaTypeOf({ headers }: Response): string {
  return (headers.get('content-type') ?? '').replace(/;.*$/s, '').trim().toLowerCase();
}
