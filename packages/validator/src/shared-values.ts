import type { Standing } from './standing.ts';
import type { TokenFacts } from './token-facts.ts';

/** Of what is known of a token: what it says, and what the options make of that. */
interface Known {
  readonly facts: TokenFacts;
  readonly standing: Standing;
}

/** A longer text is a token's own. */
const MAX_LENGTH = 512;
const GENERATION = 512;

/**
 * Makes what is known of tokens share the values they have in common (issuer, audience, client, scope, roles), which
 * is most of it: a remembered token then takes little more than its own bytes. Changes no value.
 */
export function createSharedValues(): (known: Known) => Known {
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

  return ({ facts, standing }) => {
    const claims: Record<string, unknown> = { ...facts.claims };
    for (const name of Object.keys(claims)) claims[name] = value(claims[name]);
    const { issuer, subject, clientId, audiences, scope, roles } = facts;
    return {
      facts: Object.freeze({
        ...facts,
        issuer: text(issuer),
        subject: subject === undefined ? undefined : text(subject),
        clientId: clientId === undefined ? undefined : text(clientId),
        audiences: list(audiences),
        scope: list(scope),
        roles: list(roles),
        claims: Object.freeze(claims),
      }),
      standing: standings(JSON.stringify(standing), () => standing),
    };
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
