import { createHash, hkdfSync, randomBytes } from 'node:crypto';

/** What the value of a session cookie gives: where its session is stored, and the key that opens it. */
export interface SessionKey {
  /** SHA-256 of the value: who reads the store learns no cookie. */
  readonly storeKey: string;
  /** Derived from the value, so a store cannot open what it holds. */
  readonly sealingKey: Buffer;
}

const COOKIE_BYTES = 32;
const COOKIE = /^[\w-]{43}$/;

/** What a cookie is for: the value of one opens nothing as the other. */
export type CookiePurpose = 'session' | 'login';

/** Creates the value of a session cookie: 32 random bytes in base64url. */
export function newSessionKey(purpose: CookiePurpose = 'session'): SessionKey & { readonly cookie: string } {
  const secret = randomBytes(COOKIE_BYTES);
  return { cookie: secret.toString('base64url'), ...keyOf(secret, purpose) };
}

/** Returns `undefined` for a text that is no value of a session cookie. */
export function sessionKey(cookie: string, purpose: CookiePurpose = 'session'): SessionKey | undefined {
  return COOKIE.test(cookie) ? keyOf(Buffer.from(cookie, 'base64url'), purpose) : undefined;
}

function keyOf(secret: Buffer, purpose: CookiePurpose): SessionKey {
  return {
    storeKey: createHash('sha256')
      .update(purpose === 'session' ? '' : purpose)
      .update(secret)
      .digest('base64url'),
    sealingKey: Buffer.from(hkdfSync('sha256', secret, '', `crossfade ${purpose}`, 32)),
  };
}

/**
 * Names a user, or a session at a provider, in a store: a hash. A reader of the store sees no name, but can test a guess.
 * @param claim `no sid`: the sessions of a user (`value`) whose provider named none.
 */
export function indexName(claim: 'sub' | 'sid' | 'no sid', issuer: string, value: string): string {
  return createHash('sha256')
    .update(JSON.stringify([claim, issuer, value]))
    .digest('base64url');
}
