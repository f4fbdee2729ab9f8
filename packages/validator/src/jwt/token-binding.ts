/** The key of its sender that a token is bound to. Where both members are given, both have to be proven. */
export interface TokenBinding {
  /** RFC 7638 thumbprint of the key that signs DPoP proofs: `cnf.jkt` (RFC 9449 §6.1). */
  readonly key: string | undefined;
  /** SHA-256 thumbprint of the client certificate: `cnf['x5t#S256']` (RFC 8705 §3.1). */
  readonly certificate: string | undefined;
}

/** SHA-256 in base64url without padding. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads the `cnf` claim of a verified token (RFC 7800 §3.1). Members that nobody here understands are ignored beside
 * one that is understood; alone they bind the token to something that can't be shown here.
 * @returns `undefined` for a token that is bound to nothing; `unprovable` for one whose binding can't be checked.
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
