/** The sender's key that a token is bound to. If both members are present, the sender must prove both. */
export interface TokenBinding {
  /** RFC 7638 thumbprint of the key that signs DPoP proofs: `cnf.jkt` (RFC 9449 §6.1). */
  readonly key: string | undefined;
  /** SHA-256 thumbprint of the client certificate: `cnf['x5t#S256']` (RFC 8705 §3.1). */
  readonly certificate: string | undefined;
}

/** SHA-256 in base64url without padding. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads the `cnf` claim of a verified token (RFC 7800 §3.1). Unknown members are ignored if a known one is present;
 * alone, they bind the token to a key that a sender cannot prove here.
 * @returns `undefined` for an unbound token; `unprovable` for a binding that cannot be checked.
 */
export function readTokenBinding(cnf: unknown): TokenBinding | 'unprovable' | undefined {
  if (cnf === undefined) return undefined;
  if (typeof cnf !== 'object' || cnf === null) return 'unprovable';
  const { jkt: key, 'x5t#S256': certificate } = cnf as Readonly<Record<string, unknown>>;
  if (!isThumbprint(key) || !isThumbprint(certificate)) return 'unprovable';
  return key === undefined && certificate === undefined ? 'unprovable' : { key, certificate };
}

function isThumbprint(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && THUMBPRINT.test(value));
}
