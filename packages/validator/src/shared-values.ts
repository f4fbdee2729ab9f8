import { deepFreeze } from './deep-freeze.ts';
import type { TextWithToken } from './presented-token.ts';
import type { Standing } from './standing.ts';
import type { RememberedToken, VerifiedToken } from './verified-token.ts';

/** A longer text is a token's own. */
const MAX_LENGTH = 512;
const GENERATION = 512;

/**
 * Makes what is known of tokens share the values they have in common (issuer, audience, client, scope, roles), which
 * is most of it: a remembered token then takes little more than its own bytes. Changes no value, and lets go of what
 * nobody asks for any more.
 *
 * @param verified - whose claims are nobody else's yet: their values are exchanged for equal ones.
 */
export function createSharedValues(): (
  presented: TextWithToken,
  verified: VerifiedToken,
  standing: Standing,
) => RememberedToken {
  const [texts, lists, standings] = [createPool<string>(), createPool<readonly string[]>(), createPool<Standing>()];

  const text = (value: string): string => (value.length > MAX_LENGTH ? value : texts(value, () => value));

  function list(values: readonly string[]): readonly string[] {
    const key = JSON.stringify(values);
    return key.length > MAX_LENGTH ? values : lists(key, () => Object.freeze(values.map(text)));
  }

  function value(claim: unknown): unknown {
    if (typeof claim === 'string') return text(claim);
    return Array.isArray(claim) && claim.every((entry) => typeof entry === 'string') ? list(claim) : claim;
  }

  /** The roles are the token's word. */
  function standingLike(standing: Standing): Standing {
    const key = JSON.stringify(standing);
    return key.length > MAX_LENGTH ? deepFreeze(standing) : standings(key, () => deepFreeze(standing));
  }

  function shareMembers(claims: Record<string, unknown>): void {
    for (const name of Object.keys(claims)) claims[name] = value(claims[name]);
  }

  return (presented, { facts, keys, keySet }, standing) => {
    const { subject, clientId, scope, issuedAt, notBefore, expiresAt, binding, claims } = facts;
    shareMembers(claims);
    // All members at once: an object that grows, or is copied, takes half as much again.
    return Object.freeze({
      // A copy: it may be a slice of something larger, and would keep all of it.
      text: Buffer.from(presented.text, 'latin1').toString('latin1'),
      start: presented.start,
      subject: subject === undefined ? undefined : text(subject),
      clientId: clientId === undefined ? undefined : text(clientId),
      scope: list(scope),
      issuedAt,
      notBefore,
      expiresAt,
      binding,
      claims: deepFreeze(claims),
      keys,
      keySet,
      standing: standingLike(standing),
    });
  };
}

/** Finds the value of a key, or takes it in. Values that keep coming stay; those that came once are soon let go. */
function createPool<V>(): (key: string, make: () => V) => V {
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
