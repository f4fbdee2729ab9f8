import type { Side } from '@crossfade/core';
import { boundsOf, type Client } from './state.ts';
import { kindOf, type World } from './world.ts';

/** One step of a client by itself. */
export interface ClientStep {
  readonly label: string;
  readonly client: Client;
}

export interface ClientRules {
  /** The next steps of the client, except presenting a token. `selected` is the side that the switch selects now. */
  steps(client: Client, index: number, selected: Side): readonly ClientStep[];
  canPresent(client: Client, side: Side): boolean;
  /** The client after it presented a token of this side. */
  presented(client: Client, side: Side): Client;
  /** The client one tick later; `undefined` when the client must act first. */
  tick(client: Client): Client | undefined;
}

const PENDING = { none: 0, legacy: 1, target: 2 } as const;

export function createClientRules(world: World): ClientRules {
  const { ticks } = world;
  const { token: tokenLife } = boundsOf(world);

  function login(client: Client, index: number, side: Side): Client {
    return side === 'target' || kindOf(world, index) === 'bridge'
      ? { ...client, target: ticks.target, pending: PENDING.target }
      : { ...client, token: 0, session: ticks.session === 0 ? 0 : ticks.session + 1, pending: PENDING.legacy };
  }

  function steps(client: Client, index: number, selected: Side): ClientStep[] {
    const name = `client ${index + 1}`;
    const found: ClientStep[] = [];
    const movesTo = selected === 'target' ? 1 : 0;
    const stuck = index === 0 ? world.stuck : undefined;
    if (client.movesTo !== movesTo && stuck === undefined) {
      found.push({ label: `${name} sees the switch: its logins ask for ${selected}`, client: { ...client, movesTo } });
    }
    if (client.pending !== PENDING.none) return found;
    const side: Side = client.movesTo === 1 ? 'target' : 'legacy';
    const loggedIn = login(client, index, side);
    if (stuck !== 'session') found.push({ label: `${name} logs in for ${side}`, client: loggedIn });
    if (world.abandonedLogins) {
      found.push({
        label: `${name} logs in for ${side} and presents no token`,
        client: { ...loggedIn, pending: PENDING.none },
      });
    }
    if (client.session > 0 && client.token > 0) {
      const refreshed = world.slidingSessions
        ? { ...client, token: 0, session: ticks.session + 1, pending: PENDING.legacy }
        : { ...client, token: 0 };
      found.push({ label: `${name} refreshes its legacy session`, client: refreshed });
    }
    return found;
  }

  function tick(client: Client): Client | undefined {
    if (client.idle >= ticks.silence) return undefined;
    const next = {
      ...client,
      token: Math.min(tokenLife, client.token + 1),
      session: Math.max(0, client.session - 1),
      target: Math.max(0, client.target - 1),
      idle: client.idle + 1,
    };
    const presentWithin = world.trueToken === undefined ? ticks.token : 1;
    if (client.pending === PENDING.legacy && next.token >= presentWithin) return undefined;
    if (client.pending === PENDING.target && ticks.target - next.target >= presentWithin) return undefined;
    return next;
  }

  return {
    steps,
    tick,
    canPresent: (client, side) => (side === 'legacy' ? client.token < tokenLife : client.target > 0),
    presented(client, side) {
      return client.pending === PENDING[side] ? { ...client, pending: PENDING.none, idle: 0 } : client;
    },
  };
}
