import type { World } from './world.ts';

export const PERCENTS = [0, 50, 100] as const;

/** The flag store. Ages are in ticks, counted up to a bound beyond which they have no effect. */
export interface Store {
  readonly closed: number;
  /** The issuance percentage, as an index of {@link PERCENTS}. */
  readonly level: number;
  /** Age of the issuance position; one above its bound: not recorded. */
  readonly since: number;
  /** 0 if the legacy audience was never reopened; else one more than the age of the reopening. */
  readonly reopened: number;
  /** Age of the last valid token that was rejected (worlds with downgrades only). */
  readonly rejected: number;
}

/** An API instance and its meter. An instance that is down keeps only its image and its disk. */
export interface Instance {
  readonly up: number;
  /** Runs an image that accepts both audiences. */
  readonly dual: number;
  /** Rejects the legacy audience. */
  readonly closed: number;
  readonly diskClosed: number;
  readonly watched: number;
  readonly legacySeen: number;
  readonly legacyIssued: number;
  readonly targetSeen: number;
  readonly unauthorized: number;
  /** Age of the last verified token that the plan refuses and the API accepted. */
  readonly verified: number;
  /** Age of the last unverified one. */
  readonly unverified: number;
  /** Whether a rollback went on without it: it was seen closed, and silent for longer than its flags may take. */
  readonly excused: number;
  /** Whether it was seen to accept a token that only a target audience opens (worlds with probes only). */
  readonly shown: number;
}

/** A login host and the one user whose tokens are modelled: one session per side. */
export interface Client {
  /** Whether the issuance position it has seen selects the target for its key. */
  readonly movesTo: number;
  /** Age of its legacy token; at its bound: expired, or none. */
  readonly token: number;
  /** Ticks, plus one, for which its legacy session can still be refreshed; 0: it cannot. */
  readonly session: number;
  /** Ticks for which it can present target tokens. */
  readonly target: number;
  /** Ticks since a token of one of its logins was presented. */
  readonly idle: number;
  /** A login's token that has not been presented yet: 0 none, 1 legacy, 2 target. */
  readonly pending: number;
}

export interface State {
  readonly store: Store;
  readonly instances: readonly Instance[];
  readonly clients: readonly Client[];
}

/** How long the flags may take to reach an instance, in ticks. */
export const FLAGS_TAKE = 1;

/** The bounds of the ages in a world. */
export interface Bounds {
  /** The silent window of the gate. */
  readonly window: number;
  /** The longest time that a check looks back. */
  readonly horizon: number;
  /** Actual lifetime of a legacy token. */
  readonly token: number;
}

export function boundsOf({ ticks, trueToken = ticks.token }: World): Bounds {
  const window = ticks.silence + ticks.token + ticks.tolerance;
  const session = ticks.session + ticks.token + ticks.tolerance;
  return { window, horizon: Math.max(window, session, trueToken + ticks.tolerance), token: trueToken };
}

/** What a meter remembers when it starts. */
export function blankMeter(world: World): Omit<Instance, 'up' | 'dual' | 'closed' | 'diskClosed'> {
  const { window, horizon } = boundsOf(world);
  return {
    watched: 0,
    legacySeen: window,
    legacyIssued: horizon,
    targetSeen: window,
    unauthorized: window,
    verified: window,
    unverified: window,
    excused: 0,
    shown: 0,
  };
}

export function initialState(world: World): State {
  const { window, horizon, token } = boundsOf(world);
  const seen = blankMeter(world);
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
