import { createLocalJWKSet, type JWK } from 'jose';
import { z } from 'zod';

/** Finds the key a JWS header asks for among one issuer's keys. Looks at nothing but `alg` and `kid`. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

const text = z.string().min(1);
const member = {
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.string()).optional(),
  // A key that everybody can sign with vouches for nobody.
  d: z.undefined().optional(),
  k: z.undefined().optional(),
};

/** 2048 bits in base64url, the least that RFC 7518 §3.3 allows. */
const MIN_MODULUS_LENGTH = 342;

const publicKeySchema = z.discriminatedUnion('kty', [
  z.looseObject({ ...member, kty: z.literal('RSA'), n: text.min(MIN_MODULUS_LENGTH), e: text }),
  z.looseObject({ ...member, kty: z.literal('EC'), crv: text, x: text, y: text }),
  z.looseObject({ ...member, kty: z.literal('OKP'), crv: text, x: text }),
]);
const keySetSchema = z.object({ keys: z.array(z.unknown()) });

/** Whether two key sets hold the same keys, so that what one verified the other would. */
export function areSameKeys(one: KeySet, other: KeySet): boolean {
  return JSON.stringify(one.jwks()) === JSON.stringify(other.jwks());
}

/** Reads a JWKS (RFC 7517 §5). What is no public signature key in it, by RFC 7517 §5 or by our own rules, is left out. */
export function readKeySet(json: unknown): KeySet | undefined {
  const parsed = keySetSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const keys = parsed.data.keys.filter((key): key is JWK => publicKeySchema.safeParse(key).success);
  return keys.length === 0 ? undefined : createLocalJWKSet({ keys });
}
