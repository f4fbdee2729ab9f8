import { isUtf8 } from 'node:buffer';
import { isBearerToken } from '@crossfade/core';
import { type JsonObject, parseStrictJson } from './strict-json.ts';

/** A compact JWS whose shape is right. Nothing in it is verified. */
export interface CompactJws {
  readonly token: string;
  /** The `alg`, `kid` and `typ` headers. No other header parameter has a say. */
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly type: string | undefined;
  readonly claims: JsonObject;
}

/** What a string turned out to be that is no JWS: some other token (RFC 6750 §2.1), or no token at all. */
export type NotCompactJws = 'opaque' | 'malformed';

/** A token of as many parts means to be a JWE (RFC 7516 §3.1), which a broken one does not stop being. */
const JWE_PARTS = 5;

/** Bytes in base64url, written in the one way there is: without padding, and with no stray bits at the end. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** No extension changes how we read a token: RFC 7515 §4.1.11, RFC 7797, RFC 7516 §4.1. */
const EXTENSIONS = ['crit', 'b64', 'zip', 'enc'];

/**
 * Reads the shape of a compact JWS (RFC 7515 §3.1), stricter than the RFCs ask: one string, one meaning. Padding,
 * white space, stray bits at the end of a part, broken UTF-8 and doubtful JSON make it malformed.
 * Does not look at the signature, and follows nothing the header points to.
 */
export function readCompactJws(token: string): CompactJws | NotCompactJws {
  const [header64 = '', claims64 = '', signature64, ...more] = token.split('.', 6);
  if (signature64 === undefined || more.length > 0) {
    return more.length + 3 !== JWE_PARTS && isBearerToken(token) ? 'opaque' : 'malformed';
  }
  const [header, claims] = [readJson(header64), readJson(claims64)];
  if (header === undefined || claims === undefined || !BASE64URL.test(signature64)) return 'malformed';
  const { alg, kid, typ } = header;
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
