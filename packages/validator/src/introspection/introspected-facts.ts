import { deepFreeze } from '../jwt/deep-freeze.ts';
import type { JsonObject } from '../jwt/strict-json.ts';
import { hasNoAudience, readTokenFacts, type TokenFacts } from '../jwt/token-facts.ts';
import type { IntrospectionSettings } from './introspection-options.ts';

/** Why a response about an active token is not usable: it names another issuer, or violates RFC 7662. */
export type ResponseFlaw = 'wrong_issuer' | 'malformed';

/**
 * Reads the facts of an active token from an introspection response. All members but `active` are optional (RFC 7662
 * §2.2): the issuer is the endpoint's, unless the response names another; the audience comes from the response, or from
 * the settings that say what its absence means.
 *
 * @param usableUntilSeconds - the end of a token whose response has no `exp`.
 */
export function readIntrospectedFacts(
  response: JsonObject,
  { issuer, issuers, impliedAudience }: Pick<IntrospectionSettings, 'issuer' | 'issuers' | 'impliedAudience'>,
  usableUntilSeconds: number,
): TokenFacts | ResponseFlaw {
  // Some issuers send null for absent members. A null `cnf` stays, because dropping it would unbind the token.
  const claims = Object.fromEntries(
    Object.entries(response).filter(([name, value]) => value !== null || name === 'cnf'),
  );
  if (namesOtherIssuer(claims, { issuers })) return 'wrong_issuer';
  const registered = {
    exp: usableUntilSeconds,
    ...claims,
    iss: claims['iss'] ?? issuer,
    ...(hasNoAudience(claims) && impliedAudience !== undefined ? { aud: impliedAudience } : {}),
    ...(isDpopBound(claims) ? { cnf: {} } : {}),
  };
  const facts = readTokenFacts({ algorithm: undefined, type: undefined, claims: registered });
  // With the issuer, by which a denylist knows the token, even where the response leaves it to the endpoint.
  return facts === undefined ? 'malformed' : deepFreeze({ ...facts, claims: { ...claims, iss: registered.iss } });
}

/** Whether a response names an issuer, and it is none that the endpoint belongs to. */
export function namesOtherIssuer({ iss }: JsonObject, { issuers }: Pick<IntrospectionSettings, 'issuers'>): boolean {
  return iss !== undefined && iss !== null && !(issuers as readonly unknown[]).includes(iss);
}

/** Whether the token is DPoP-bound, but the response names no key (RFC 9449 §6.2), so that no proof matches. */
function isDpopBound({ token_type: tokenType, cnf }: JsonObject): boolean {
  return cnf === undefined && typeof tokenType === 'string' && tokenType.toLowerCase() === 'dpop';
}
