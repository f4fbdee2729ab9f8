import { deepFreeze } from '../jwt/deep-freeze.ts';
import type { JsonObject } from '../jwt/strict-json.ts';
import { hasNoAudience, readTokenFacts, type TokenFacts } from '../jwt/token-facts.ts';
import type { IntrospectionSettings } from './introspection-options.ts';

/** What is wrong with an answer that calls a token active: it speaks for another issuer, or breaks RFC 7662. */
export type ResponseFlaw = 'wrong_issuer' | 'malformed';

/**
 * Reads what an issuer said about an active token, in the vocabulary of tokens. All of it but `active` is optional
 * (RFC 7662 §2.2): the issuer is the one that was asked, unless the answer names another; the audience is only ever
 * taken from the answer, or from settings that say what its absence means.
 *
 * @param holdsUntilSeconds - when an answer without `exp` ends: nobody knows more than that.
 */
export function readIntrospectedFacts(
  answer: JsonObject,
  { issuer, impliedAudience }: Pick<IntrospectionSettings, 'issuer' | 'impliedAudience'>,
  holdsUntilSeconds: number,
): TokenFacts | ResponseFlaw {
  // Some issuers write null for what they do not say; of a binding that would say too much.
  const said = Object.fromEntries(Object.entries(answer).filter(([name, value]) => value !== null || name === 'cnf'));
  if (said['iss'] !== undefined && said['iss'] !== issuer) return 'wrong_issuer';
  const claims = {
    exp: holdsUntilSeconds,
    ...said,
    iss: issuer,
    ...(hasNoAudience(said) && impliedAudience !== undefined ? { aud: impliedAudience } : {}),
    ...(isDpopBound(said) ? { cnf: {} } : {}),
  };
  const facts = readTokenFacts({ algorithm: undefined, type: undefined, claims });
  return facts === undefined ? 'malformed' : deepFreeze({ ...facts, claims: said });
}

/** The issuer says that a key is needed without saying which (RFC 9449 §6.2): no proof will do. */
function isDpopBound({ token_type: tokenType, cnf }: JsonObject): boolean {
  return cnf === undefined && typeof tokenType === 'string' && tokenType.toLowerCase() === 'dpop';
}
