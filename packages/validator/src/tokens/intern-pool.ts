import { deepFreeze } from '../jwt/deep-freeze.ts';
import type { KeySet } from '../keys/key-set.ts';
import type { PolicyEvaluation } from '../policy/policy-evaluation.ts';
import type { PresentedToken } from '../request/presented-token.ts';
import type { RememberedSharedData, RememberedToken, VerifiedToken } from './verified-token.ts';

/** Longer values are not shared. */
const MAX_LENGTH = 512;
const GENERATION_SIZE = 512;

/**
 * Makes remembered tokens share the values they have in common (issuer, audience, client, scope, roles), which is most
 * of them: a remembered token then takes half as much again as its own bytes. Replaces values by equal ones only, and
 * drops those that are no longer used.
 *
 * @param verified - its claims must be held by nothing else yet: their values are replaced in place.
 */
export function createInternPool(): (
  presented: PresentedToken,
  verified: VerifiedToken,
  evaluation: PolicyEvaluation,
) => RememberedToken {
  const [texts, lists] = [createPool<string>(), createPool<readonly string[]>()];
  const sharedPools = new WeakMap<KeySet, Pool<RememberedSharedData>>();

  const text = (value: string): string => (value.length > MAX_LENGTH ? value : texts(value, () => value));

  function list(values: readonly string[]): readonly string[] {
    const key = JSON.stringify(values);
    return key.length > MAX_LENGTH ? values : lists(key, () => Object.freeze(values.map(text)));
  }

  function value(claim: unknown): unknown {
    if (typeof claim === 'string') return text(claim);
    return Array.isArray(claim) && claim.every((entry) => typeof entry === 'string') ? list(claim) : claim;
  }

  /** Scope and roles come from the token, so the data can be too large to intern. */
  function internGroup(shared: RememberedSharedData): RememberedSharedData {
    const { start, scheme, clientId, scope, keySet, evaluation } = shared;
    const key = JSON.stringify([start, scheme, clientId, scope, evaluation]);
    const make = () => {
      deepFreeze(evaluation);
      return Object.freeze(shared);
    };
    if (key.length > 2 * MAX_LENGTH) return make();
    const pool = sharedPools.get(keySet) ?? createPool();
    sharedPools.set(keySet, pool);
    return pool(key, make);
  }

  function shareMembers(claims: Record<string, unknown>): void {
    for (const name of Object.keys(claims)) claims[name] = value(claims[name]);
  }

  return (presented, { facts, keys, keySet }, evaluation) => {
    const { subject, clientId, scope, issuedAt, notBefore, expiresAt, binding, claims } = facts;
    const { start, scheme } = presented;
    shareMembers(claims);
    // All members at once: an object that grows, or is copied, takes half as much memory again.
    return Object.freeze({
      // A copy: a slice would keep the larger text that it was cut from in memory.
      text: Buffer.from(presented.text, 'latin1').toString('latin1'),
      subject: subject === undefined ? undefined : text(subject),
      issuedAt,
      notBefore,
      expiresAt,
      binding,
      claims: deepFreeze(claims),
      shared: internGroup({
        start,
        scheme: start === 0 ? undefined : scheme,
        clientId: clientId === undefined ? undefined : text(clientId),
        scope: list(scope),
        keys,
        keySet,
        evaluation,
      }),
    });
  };
}

/** Returns the pooled value of a key, or adds it. Values that recur stay; those that came once are soon dropped. */
type Pool<V> = (key: string, make: () => V) => V;

function createPool<V>(): Pool<V> {
  let [recent, older] = [new Map<string, V>(), new Map<string, V>()];

  return (key, make) => {
    const pooled = recent.get(key);
    if (pooled !== undefined) return pooled;
    const value = older.get(key) ?? make();
    if (recent.size === GENERATION_SIZE) [recent, older] = [new Map(), recent];
    recent.set(key, value);
    return value;
  };
}
