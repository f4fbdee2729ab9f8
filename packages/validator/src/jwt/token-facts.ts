import type { CompactJws } from './compact-jws.ts';
import type { JsonObject } from './strict-json.ts';
import { readStringArray } from './string-array.ts';
import { readTokenBinding, type TokenBinding } from './token-binding.ts';

/** What a verified token says, in one vocabulary. Facts, not a verdict: they stay true until the token expires. */
export interface TokenFacts {
  readonly issuer: string;
  /** Of the signature; `undefined` for an opaque token, whose facts come from introspection. */
  readonly algorithm: string | undefined;
  /** The `typ` header as a media type without `application/`, in lower case (RFC 7515 §4.1.9). */
  readonly type: string | undefined;
  readonly audiences: readonly string[];
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly scope: readonly string[];
  readonly issuedAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly expiresAt: number;
  /** The key that the sender must prove to possess, if any. */
  readonly binding: TokenBinding | 'unprovable' | undefined;
  readonly claims: JsonObject;
}

/** The facts that differ from token to token of one client. */
export type OwnFacts = Pick<TokenFacts, 'subject' | 'issuedAt' | 'notBefore' | 'expiresAt' | 'binding' | 'claims'>;

/** What a token says, by signature or by introspection. */
type TokenContent = Pick<CompactJws, 'type' | 'claims'> & Pick<TokenFacts, 'algorithm'>;

/** The last second a `Date` can hold. */
const MAX_NUMERIC_DATE = 8.64e12;

/**
 * Reads the claims of a *verified* token.
 * @returns `undefined` if `exp` is missing, or a registered claim has a type that RFC 7519 §4.1 or RFC 9068 §2.2 rules
 * out.
 */
export function readTokenFacts({ algorithm, type, claims }: TokenContent): TokenFacts | undefined {
  const { iss, sub, exp, nbf, iat } = claims;
  const clientId = claims['client_id'] ?? claims['azp'] ?? claims['appid'] ?? claims['cid'];
  const audiences = readStringArray(claims['aud']);
  const scope = readWords(claims['scope'] ?? claims['scp']);
  if (typeof iss !== 'string' || !isText(sub) || !isText(clientId)) return undefined;
  if (audiences === undefined || scope === undefined) return undefined;
  if (!isDate(exp) || exp === undefined || !isDate(nbf) || !isDate(iat)) return undefined;
  return {
    issuer: iss,
    algorithm,
    type: type?.toLowerCase().replace(/^application\//, ''),
    audiences,
    subject: sub,
    clientId,
    scope,
    issuedAt: iat,
    notBefore: nbf,
    expiresAt: exp,
    binding: readTokenBinding(claims['cnf']),
    claims,
  };
}

/** Whether `aud` is absent or an empty list. */
export function hasNoAudience({ aud }: JsonObject): boolean {
  return aud === undefined || (Array.isArray(aud) && aud.length === 0);
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isDate(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && Math.abs(value) <= MAX_NUMERIC_DATE);
}

/** Reads words separated by spaces (RFC 8693 §4.2), or a list of them, as some issuers send. */
function readWords(value: unknown): readonly string[] | undefined {
  return typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : readStringArray(value);
}
