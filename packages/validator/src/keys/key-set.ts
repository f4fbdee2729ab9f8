import { KeyObject } from 'node:crypto';
import { createLocalJWKSet, errors, type JWK } from 'jose';
import { z } from 'zod';

/** A JSON Web Key Set (RFC 7517 §5) of public signature keys. */
export interface JSONWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** One issuer's public keys. */
export interface KeySet {
  /**
   * The keys a JWS with this header may be signed with: several only where it names none, or where the issuer gives
   * two of them one name. Looks at nothing but `alg` and `kid`. At once, when the same keys were asked for before.
   */
  keysFor(algorithm: string, keyId: string | undefined): readonly KeyObject[] | Promise<readonly KeyObject[]>;
  readonly jwks: JSONWebKeySet;
}

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

/** The least that RFC 7518 §3.3 allows, and how long such a modulus is in base64url. */
const MIN_MODULUS_BITS = 2048;
const MIN_MODULUS_LENGTH = 342;

const publicKeySchema = z.discriminatedUnion('kty', [
  z.looseObject({ ...member, kty: z.literal('RSA'), n: text.min(MIN_MODULUS_LENGTH), e: text }),
  z.looseObject({ ...member, kty: z.literal('EC'), crv: text, x: text, y: text }),
  z.looseObject({ ...member, kty: z.literal('OKP'), crv: text, x: text }),
]);
const keySetSchema = z.object({ keys: z.array(z.unknown()) });

/** Whether two key sets hold the same keys, so that what one verified the other would. */
export function areSameKeys(one: KeySet, other: KeySet): boolean {
  return JSON.stringify(one.jwks) === JSON.stringify(other.jwks);
}

/** Reads a JWKS (RFC 7517 §5). What is no public signature key in it, by RFC 7517 §5 or by our own rules, is left out. */
export function readKeySet(json: unknown): KeySet | undefined {
  const parsed = keySetSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const keys = parsed.data.keys.filter((key): key is JWK => publicKeySchema.safeParse(key).success);
  return keys.length === 0 ? undefined : createKeySet({ keys: structuredClone(keys) });
}

const NO_KEYS: readonly KeyObject[] = [];

function createKeySet(jwks: { readonly keys: JWK[] }): KeySet {
  const find = createLocalJWKSet(jwks);
  const names = new Set(jwks.keys.map(({ kid }) => kid));
  // Only what was found is remembered: names come from whoever sends a token.
  const found = new Map<string, readonly KeyObject[]>();

  async function look(algorithm: string, keyId: string | undefined, name: string): Promise<readonly KeyObject[]> {
    const keys: KeyObject[] = [];
    const header = { alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) };
    for await (const key of matches(find, header)) if (isLongEnough(key)) keys.push(key);
    if (keys.length > 0) found.set(name, keys);
    return keys;
  }

  return {
    keysFor(algorithm, keyId) {
      // What whoever sends a token made up has to cost little.
      if (keyId !== undefined && !names.has(keyId)) return NO_KEYS;
      const name = keyId === undefined ? algorithm : `${algorithm} ${keyId}`;
      return found.get(name) ?? look(algorithm, keyId, name);
    },
    jwks: jwks as JSONWebKeySet,
  };
}

async function* matches(
  find: ReturnType<typeof createLocalJWKSet>,
  header: { readonly alg: string; readonly kid?: string },
): AsyncGenerator<KeyObject> {
  try {
    yield KeyObject.from(await find(header));
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return;
    for await (const key of error) yield KeyObject.from(key);
  }
}

/** Zeros in front make a short modulus look long. */
function isLongEnough({ asymmetricKeyDetails }: KeyObject): boolean {
  return (asymmetricKeyDetails?.modulusLength ?? MIN_MODULUS_BITS) >= MIN_MODULUS_BITS;
}
