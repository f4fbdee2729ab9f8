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

/** Where issuers name the client: RFC 8693 §4.3, OpenID Connect, Entra ID v1 and AD FS, Okta. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'appid', 'cid'];

/**
 * Reads the claims of a *verified* token. A claim that is `null` is absent: many serializers write absent ones so.
 *
 * Strict where a claim decides whether a token is valid, as jose, Spring Security and jsonwebtoken are: `iss`, `aud`,
 * `exp`, `nbf`, `cnf`. Lenient where one of them is, and the claim is information: a subject may be a number; an
 * unreadable `iat` is unknown; an unreadable client or scope grants nothing.
 *
 * @returns `undefined` if `exp` is missing, or `iss`, `sub`, `aud`, `exp` or `nbf` has a type that RFC 7519 §4.1 rules out.
 */
export function readTokenFacts({ algorithm, type, claims }: TokenContent): TokenFacts | undefined {
  const { iss, sub, nbf } = claims;
  const audiences = readAudiences(claims['aud']);
  const [expiresAt, notBefore] = [readDate(claims['exp']), readDate(nbf)];
  if (typeof iss !== 'string' || audiences === undefined || expiresAt === undefined) return undefined;
  if (!isSubject(sub) || (notBefore === undefined && !isAbsent(nbf))) return undefined;
  return {
    issuer: iss,
    algorithm,
    type: readTokenType(type),
    audiences,
    subject: readSubject(sub),
    clientId: readClientId(claims),
    scope: readScope(claims['scope'] ?? claims['scp']),
    issuedAt: readIssuedAt(claims['iat'], expiresAt),
    notBefore,
    expiresAt,
    binding: readTokenBinding(claims['cnf']),
    claims,
  };
}

/** Reads the `typ` header as a media type without `application/`, in lower case (RFC 7515 §4.1.9). */
export function readTokenType(type: string | undefined): string | undefined {
  return type?.toLowerCase().replace(/^application\//, '');
}

/** Whether `aud` is absent (or `null`), or an empty list. */
export function hasNoAudience({ aud }: JsonObject): boolean {
  return isAbsent(aud) || (Array.isArray(aud) && aud.length === 0);
}

/** Empty text names no audience, as an empty list does: `aud` identifies a recipient (RFC 7519 §4.1.3). */
export function readAudiences(aud: unknown): readonly string[] | undefined {
  const audiences = readStringArray(aud ?? undefined);
  return audiences?.every((audience) => audience === '') === true ? [] : audiences;
}

/** Reads a time in seconds, with or without a fraction (RFC 7519 §2, NumericDate). */
function readDate(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= MAX_NUMERIC_DATE ? value : undefined;
}

/**
 * Reads `iat`, whichever time it tells (RFC 7519 §4.1.6), unless that is after the expiry: an `iat` in milliseconds would
 * keep a drain from ending, because it waits for what the latest token can still do.
 */
function readIssuedAt(iat: unknown, expiresAt: number): number | undefined {
  const issuedAt = readDate(iat);
  return issuedAt !== undefined && issuedAt <= expiresAt ? issuedAt : undefined;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A subject is text; some issuers write the number of a database row, and Spring Security and ASP.NET Core read it. */
function isSubject(sub: unknown): sub is string | number | null | undefined {
  return isAbsent(sub) || typeof sub === 'string' || typeof sub === 'number';
}

/** JSON.parse may read two large numbers as one: then the subject is unknown rather than another one's. */
function readSubject(sub: string | number | null | undefined): string | undefined {
  if (typeof sub !== 'number') return sub ?? undefined;
  return Number.isSafeInteger(sub) ? `${sub}` : undefined;
}

/** Only text is a client id: most of these names are unregistered, and elsewhere a `cid` is the number of a company. */
export function readClientId(claims: JsonObject): string | undefined {
  for (const claim of CLIENT_CLAIMS) {
    const id = claims[claim];
    if (typeof id === 'string' && id !== '') return id;
  }
  return undefined;
}

/** Reads words separated by spaces (RFC 8693 §4.2), or a list of them, as some issuers send. */
function readScope(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap(wordsIn) : wordsIn(value);
}

function wordsIn(value: unknown): readonly string[] {
  return typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : [];
}
