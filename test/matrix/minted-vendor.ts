import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Claims, Vendor, VendorToken } from './vendors/vendor.ts';

/** What a token is by its vendor's documentation. */
export type Kind = 'access' | 'id' | 'other';

/** A signed token. */
export interface MintedToken {
  readonly kind: Kind;
  readonly name: string;
  readonly token: string;
}

/** A JWK set with the key that signs every token here. */
export const KEYS = await createKeys();

/** Claims that tie an ID token to its login: a client that asks for none of them gets an ID token without. */
const LOGIN_CLAIMS = ['nonce', 'at_hash', 'c_hash'];

/** Signs a token as its vendor would. */
export async function mint(
  { issuer }: Pick<Vendor, 'issuer'>,
  { name, claims, header = { typ: 'JWT' } }: VendorToken,
  kind: Kind,
): Promise<MintedToken> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ iss: issuer, iat: nowSeconds - 60, exp: nowSeconds + 3600, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'default', ...header })
    .sign(KEYS.privateKey);
  return { kind, name, token };
}

/** Signs the ID tokens of a vendor: each as documented, with a nonce, and without anything that ties it to its login. */
export function mintIdTokens(vendor: Vendor): Promise<readonly MintedToken[]> {
  const variants = vendor.id.flatMap(({ name, claims, ...rest }) => [
    { ...rest, name, claims },
    { ...rest, name: `${name}, with nonce`, claims: { ...claims, nonce: 'n-0S6_WzA2Mj' } },
    { ...rest, name: `${name}, bare`, claims: without(claims, LOGIN_CLAIMS) },
  ]);
  return Promise.all(variants.map((token) => mint(vendor, token, 'id')));
}

function without(claims: Claims, names: readonly string[]): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
}

async function createKeys() {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'default', alg: 'RS256', use: 'sig' };
  return { privateKey, jwks: { keys: [jwk] } };
}
