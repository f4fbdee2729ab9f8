import { isUtf8 } from 'node:buffer';
import { isBearerToken } from '@crossfade/core';
import { type JsonObject, parseStrictJson } from './strict-json.ts';

/** A well-formed compact JWS. Nothing in it is verified. */
export interface CompactJws {
  readonly token: string;
  /** The `alg`, `kid` and `typ` headers. All other header parameters are ignored. */
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly type: string | undefined;
  readonly claims: JsonObject;
}

/** What a string is instead of a JWS: another bearer token (RFC 6750 §2.1), or no token at all. */
export type NotCompactJws = 'opaque' | 'malformed';

/** A token with this many parts is treated as a JWE, well-formed or not (RFC 7516 §3.1): opaque to us. */
const JWE_PARTS = 5;

/** Canonical base64url: no padding and no stray bits at the end. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** Headers that change how a token is read make it malformed: RFC 7515 §4.1.11, RFC 7797, RFC 7516 §4.1. */
const EXTENSIONS = ['crit', 'b64', 'zip', 'enc'];

/**
 * Parses a compact JWS (RFC 7515 §3.1), more strictly than the RFCs require: one string, one meaning. Padding, white
 * space, stray bits at the end of a part, invalid UTF-8 and ambiguous JSON make it malformed.
 * Does not check the signature, and follows no reference in the header.
 */
export function readCompactJws(token: string): CompactJws | NotCompactJws {
  const [header64 = '', claims64 = '', signature64, ...more] = token.split('.', 6);
  if (signature64 === undefined || more.length > 0) {
    return more.length + 3 !== JWE_PARTS && isBearerToken(token) ? 'opaque' : 'malformed';
  }
  const [header, claims] = [readJson(header64), readJson(claims64)];
  if (header === undefined || claims === undefined || !BASE64URL.test(signature64)) return 'malformed';
  const { alg } = header;
  // Some serializers write an absent member as null.
  const [kid, typ] = [header['kid'] ?? undefined, header['typ'] ?? undefined];
  if (typeof alg !== 'string' || !isText(kid) || !isText(typ)) return 'malformed';
  if (EXTENSIONS.some((name) => Object.hasOwn(header, name))) return 'malformed';
  return { token, algorithm: alg, keyId: kid, type: typ, claims };
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function readJson(part: string): JsonObject | undefined {
  if (!BASE64URL.test(part)) return undefined;
  const bytes = Buffer.from(part, 'base64url');
  return isUtf8(bytes) ? parseStrictJson(bytes.toString()) : undefined;
}
