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

const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/;
/** No extension changes how we read a token: RFC 7515 §4.1.11, RFC 7797, RFC 7516 §4.1. */
const EXTENSIONS = ['crit', 'b64', 'zip', 'enc'];
const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Reads the shape of a compact JWS (RFC 7515 §3.1), stricter than the RFCs ask: one string, one meaning. Padding,
 * white space, stray bits at the end of a part, broken UTF-8 and doubtful JSON make it malformed.
 * Does not look at the signature, and follows nothing the header points to.
 */
export function readCompactJws(token: string): CompactJws | NotCompactJws {
  const parts = COMPACT.exec(token);
  if (parts === null) return isOpaque(token) ? 'opaque' : 'malformed';
  const [, headerPart = '', claimsPart = '', signaturePart = ''] = parts;
  if (!isCanonical(signaturePart)) return 'malformed';
  const header = readPart(headerPart);
  const claims = readPart(claimsPart);
  if (header === undefined || claims === undefined) return 'malformed';
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !isText(kid) || !isText(typ)) return 'malformed';
  if (EXTENSIONS.some((name) => Object.hasOwn(header, name))) return 'malformed';
  return { token, algorithm: alg, keyId: kid, type: typ, claims };
}

/** Three or five parts mean to be a JWS or a JWE (RFC 7516 §3.1), which a broken one does not stop being. */
function isOpaque(token: string): boolean {
  const dots = token.split('.', 7).length - 1;
  return dots !== 2 && dots !== 4 && BEARER_TOKEN.test(token);
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readPart(part: string): JsonObject | undefined {
  if (!isCanonical(part)) return undefined;
  try {
    return parseStrictJson(utf8.decode(Buffer.from(part, 'base64url')));
  } catch {
    return undefined;
  }
}

/** The last character of base64url may carry bits that no byte takes; only zeros make the text unique. */
function isCanonical(part: string): boolean {
  const rest = part.length % 4;
  if (rest === 0) return true;
  if (rest === 1) return false;
  return (rest === 2 ? 'AQgw' : 'AEIMQUYcgkosw048').includes(part.charAt(part.length - 1));
}
