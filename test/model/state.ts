import type { World } from './world.ts';

export const PERCENTS = [0, 50, 100] as const;

/** The flag store. Ages are ticks, counted up to a bound beyond which nothing changes any more. */
export interface Store {
  readonly closed: number;
  /** Where issuance stands, as an index of {@link PERCENTS}. */
  readonly level: number;
  /** Age of the issuance position; one above its bound: not noted. */
  readonly since: number;
  readonly reopened: number;
  /** Age of the last valid token that was rejected (worlds with downgrades only). */
  readonly rejected: number;
}

/** An API instance and its meter. Of an instance that is down, only the image and the disk are left. */
export interface Instance {
  readonly up: number;
  /** Runs an image that knows both audiences. */
  readonly dual: number;
  /** Holds the legacy audience closed. */
  readonly closed: number;
  readonly diskClosed: number;
  readonly watched: number;
  readonly legacySeen: number;
  readonly legacyIssued: number;
  readonly targetSeen: number;
  readonly unauthorized: number;
}

/** A login host and the one user whose tokens are followed: one session of either side. */
export interface Client {
  /** The issuance position it has seen sends its key to the target side. */
  readonly movesTo: number;
  /** Age of its legacy token; at its bound: expired, or none. */
  readonly token: number;
  /** Ticks, plus one, for which its legacy session can still mint; 0: it can't. */
  readonly session: number;
  /** Ticks for which it can present target tokens. */
  readonly target: number;
  /** Ticks since a token of a login of its was presented. */
  readonly idle: number;
  /** A login's token that is still to be presented: 0 none, 1 legacy, 2 target. */
  readonly pending: number;
}

export interface State {
  readonly store: Store;
  readonly instances: readonly Instance[];
  readonly clients: readonly Client[];
}

/** Where the ages of a world stop counting. */
export interface Bounds {
  /** The silent window of the gate. */
  readonly window: number;
  /** The longest time that any check looks back. */
  readonly horizon: number;
  /** True life of a legacy token. */
  readonly token: number;
}

export function boundsOf({ ticks, trueToken = ticks.token }: World): Bounds {
  const window = ticks.silence + ticks.token + ticks.tolerance;
  const session = ticks.session + ticks.token + ticks.tolerance;
  return { window, horizon: Math.max(window, session, trueToken + ticks.tolerance), token: trueToken };
}

export function initialState(world: World): State {
  const { window, horizon, token } = boundsOf(world);
  const seen = { watched: 0, legacySeen: window, legacyIssued: horizon, targetSeen: window, unauthorized: window };
  const dual = world.prepare ? 0 : 1;
  const client = { movesTo: 0, token, session: 0, target: 0, idle: 0, pending: 0 };
  return {
    store: { closed: 0, level: 0, since: horizon + 1, reopened: 0, rejected: window },
    instances: Array.from({ length: world.instances }, () => ({ up: 1, dual, closed: 0, diskClosed: 0, ...seen })),
    clients: world.clients.map((_, index) =>
      index === 0 && world.stuck === 'session' ? { ...client, session: world.ticks.session + 1 } : client,
    ),
  };
}
