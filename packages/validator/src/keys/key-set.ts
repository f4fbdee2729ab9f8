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
   * The keys that may have signed a JWS with this `alg` and `kid`: several only if the header has no `kid`, or the
   * issuer uses one `kid` twice. Not a promise if the same keys were found before.
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
  // A key that includes private material proves nothing.
  d: z.undefined().optional(),
  k: z.undefined().optional(),
};

/** The minimum of RFC 7518 §3.3, and the length of such a modulus in base64url. */
const MIN_MODULUS_BITS = 2048;
const MIN_MODULUS_LENGTH = 342;

const publicKeySchema = z.discriminatedUnion('kty', [
  z.looseObject({ ...member, kty: z.literal('RSA'), n: text.min(MIN_MODULUS_LENGTH), e: text }),
  z.looseObject({ ...member, kty: z.literal('EC'), crv: text, x: text, y: text }),
  z.looseObject({ ...member, kty: z.literal('OKP'), crv: text, x: text }),
]);
const keySetSchema = z.object({ keys: z.array(z.unknown()) });

/** Whether two key sets hold the same keys, so that each verifies what the other verified. */
export function areSameKeys(one: KeySet, other: KeySet): boolean {
  return one === other || JSON.stringify(one.jwks) === JSON.stringify(other.jwks);
}

/** Reads a JWKS (RFC 7517 §5), and leaves out everything but public signature keys. `undefined` without any. */
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
  // Only found keys are cached: callers choose the names.
  const found = new Map<string, readonly KeyObject[]>();

  async function findKeys(algorithm: string, keyId: string | undefined, name: string): Promise<readonly KeyObject[]> {
    const keys: KeyObject[] = [];
    const header = { alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) };
    for await (const key of matches(find, header)) if (isLongEnough(key)) keys.push(key);
    if (keys.length > 0) found.set(name, keys);
    return keys;
  }

  return {
    keysFor(algorithm, keyId) {
      // A made-up `kid` must cost little.
      if (keyId !== undefined && !names.has(keyId)) return NO_KEYS;
      const name = keyId === undefined ? algorithm : `${algorithm} ${keyId}`;
      return found.get(name) ?? findKeys(algorithm, keyId, name);
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

/** Checks the real length: leading zeros make a short modulus look long. */
function isLongEnough({ asymmetricKeyDetails }: KeyObject): boolean {
  return (asymmetricKeyDetails?.modulusLength ?? MIN_MODULUS_BITS) >= MIN_MODULUS_BITS;
}
