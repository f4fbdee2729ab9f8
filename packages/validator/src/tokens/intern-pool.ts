import { deepFreeze } from '../jwt/deep-freeze.ts';
import type { KeySet } from '../keys/key-set.ts';
import type { Standing } from '../policy/policy-evaluation.ts';
import type { PresentedToken } from '../request/presented-token.ts';
import type { RememberedGroup, RememberedToken, VerifiedToken } from './verified-token.ts';

/** A longer text is a token's own. */
const MAX_LENGTH = 512;
const GENERATION = 512;

/**
 * Makes what is known of tokens share the values they have in common (issuer, audience, client, scope, roles), which
 * is most of it: a remembered token then takes half as much as its own bytes beside them. Changes no value, and lets go
 * of what nobody asks for any more.
 *
 * @param verified - whose claims are nobody else's yet: their values are exchanged for equal ones.
 */
export function createSharedValues(): (
  presented: PresentedToken,
  verified: VerifiedToken,
  standing: Standing,
) => RememberedToken {
  const [texts, lists] = [createPool<string>(), createPool<readonly string[]>()];
  const groups = new WeakMap<KeySet, Pool<RememberedGroup>>();

  const text = (value: string): string => (value.length > MAX_LENGTH ? value : texts(value, () => value));

  function list(values: readonly string[]): readonly string[] {
    const key = JSON.stringify(values);
    return key.length > MAX_LENGTH ? values : lists(key, () => Object.freeze(values.map(text)));
  }

  function value(claim: unknown): unknown {
    if (typeof claim === 'string') return text(claim);
    return Array.isArray(claim) && claim.every((entry) => typeof entry === 'string') ? list(claim) : claim;
  }

  /** Scope and roles are the token's word. */
  function groupLike(group: RememberedGroup): RememberedGroup {
    const { start, scheme, clientId, scope, keySet, standing } = group;
    const key = JSON.stringify([start, scheme, clientId, scope, standing]);
    const make = () => {
      deepFreeze(standing);
      return Object.freeze(group);
    };
    if (key.length > 2 * MAX_LENGTH) return make();
    const pool = groups.get(keySet) ?? createPool();
    groups.set(keySet, pool);
    return pool(key, make);
  }

  function shareMembers(claims: Record<string, unknown>): void {
    for (const name of Object.keys(claims)) claims[name] = value(claims[name]);
  }

  return (presented, { facts, keys, keySet }, standing) => {
    const { subject, clientId, scope, issuedAt, notBefore, expiresAt, binding, claims } = facts;
    const { start, scheme } = presented;
    shareMembers(claims);
    // All members at once: an object that grows, or is copied, takes half as much again.
    return Object.freeze({
      // A copy: it may be a slice of something larger, and would keep all of it.
      text: Buffer.from(presented.text, 'latin1').toString('latin1'),
      subject: subject === undefined ? undefined : text(subject),
      issuedAt,
      notBefore,
      expiresAt,
      binding,
      claims: deepFreeze(claims),
      group: groupLike({
        start,
        scheme: start === 0 ? undefined : scheme,
        clientId: clientId === undefined ? undefined : text(clientId),
        scope: list(scope),
        keys,
        keySet,
        standing,
      }),
    });
  };
}

/** Finds the value of a key, or takes it in. Values that keep coming stay; those that came once are soon let go. */
type Pool<V> = (key: string, make: () => V) => V;

function createPool<V>(): Pool<V> {
  let [recent, older] = [new Map<string, V>(), new Map<string, V>()];

  return (key, make) => {
    const known = recent.get(key);
    if (known !== undefined) return known;
    const value = older.get(key) ?? make();
    if (recent.size === GENERATION) [recent, older] = [new Map(), recent];
    recent.set(key, value);
    return value;
  };
}
