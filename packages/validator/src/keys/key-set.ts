import { KeyObject } from 'node:crypto';
import { isObject } from '@crossfade/core/schema';
import { createLocalJWKSet, errors, type JWK } from 'jose';
import { type KeyFlaw, keyFlaw } from './key-flaw.ts';

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

/** What a JWKS holds. */
export interface KeySetContent {
  /** The keys that verify signatures; `undefined` without any. */
  readonly keySet: KeySet | undefined;
  /** Why each other key does not, in their order. */
  readonly flaws: readonly KeyFlaw[];
}

/** Whether two key sets hold the same keys, so that each verifies what the other verified. */
export function areSameKeys(one: KeySet, other: KeySet): boolean {
  return one === other || JSON.stringify(one.jwks) === JSON.stringify(other.jwks);
}

/** Reads a JWKS (RFC 7517 §5), and leaves out everything but public signature keys. `undefined` without any. */
export function readKeySet(json: unknown): KeySet | undefined {
  return examineKeySet(json)?.keySet;
}

/** Reads a JWKS like {@link readKeySet}, and says what it leaves out. `undefined` if it is none. */
export function examineKeySet(json: unknown): KeySetContent | undefined {
  if (!isObject(json) || !Array.isArray(json['keys'])) return undefined;
  const [keys, flaws]: [JWK[], KeyFlaw[]] = [[], []];
  for (const key of json['keys']) {
    const flaw = keyFlaw(key);
    if (flaw === undefined) keys.push(key);
    else flaws.push(flaw);
  }
  return { keySet: keys.length === 0 ? undefined : createKeySet({ keys: structuredClone(keys) }), flaws };
}

/** What a validator makes of a JWKS. */
export interface KeySetReport {
  /** The `kid` of each key that it verifies with; `undefined` for one without. */
  readonly usable: readonly (string | undefined)[];
  /** Why it leaves out each other key, in their order; a few fixed texts, with nothing of the key. */
  readonly flaws: readonly string[];
}

/** Says which keys of a JWKS (RFC 7517 §5) a validator verifies with, and why it leaves out the others. */
export function reportKeySet(json: unknown): KeySetReport {
  const { keySet, flaws } = examineKeySet(json) ?? { keySet: undefined, flaws: [] };
  return { usable: keySet?.jwks.keys.map(({ kid }) => kid as string | undefined) ?? [], flaws };
}

/** What the keys of a JWKS are that cannot be used: each kind once. */
export function describeFlaws(flaws: readonly KeyFlaw[]): string {
  return [...new Set(flaws)].join(', ');
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
    for await (const key of matches(find, header)) keys.push(key);
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
