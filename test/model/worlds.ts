import type { World } from './world.ts';

/** The smallest values with which every rule of Crossfade matters in some world. */
const ticks = { token: 1, session: 0, target: 1, silence: 1, tolerance: 0 };

/** Worlds in which all clients move: the promise holds, and the legacy audience can be closed from every state. */
export const MOVING = {
  fleet: {
    name: 'two instances, upgraded one by one, that crash and restart cold or with a stale disk',
    instances: 2,
    clients: ['late'],
    ticks: { ...ticks, session: 1, target: 2 },
    prepare: true,
    crashes: true,
    partialSight: true,
  },
  square: {
    name: 'two instances that crash, two clients of different buckets',
    instances: 2,
    clients: ['early', 'late'],
    ticks,
    crashes: true,
  },
  crowd: {
    name: 'three clients in one bucket, one instance whose meter loses its counts',
    instances: 1,
    clients: ['late', 'late', 'late'],
    ticks,
    amnesia: true,
  },
  rareLogins: {
    name: 'a client that rarely logs in and presents its tokens late',
    instances: 1,
    clients: ['late'],
    ticks: { ...ticks, token: 2, target: 2, silence: 3 },
    amnesia: true,
  },
  slowCycle: {
    name: 'two clients whose logins are further apart than the token lifetime',
    instances: 1,
    clients: ['late', 'late'],
    ticks: { ...ticks, silence: 2 },
    amnesia: true,
  },
  longSession: {
    name: 'a session that outlives the silent window',
    instances: 1,
    clients: ['late'],
    ticks: { ...ticks, session: 3 },
    amnesia: true,
  },
  longSessions: {
    name: 'two clients whose sessions outlive the silent window',
    instances: 1,
    clients: ['early', 'late'],
    ticks: { ...ticks, session: 3 },
    amnesia: true,
  },
  slidingSessions: {
    name: 'sessions that every refresh extends',
    instances: 1,
    clients: ['late'],
    ticks: { ...ticks, session: 3, silence: 2 },
    amnesia: true,
    slidingSessions: true,
  },
  abandonedLogins: {
    name: 'logins whose tokens are never presented',
    instances: 1,
    clients: ['late'],
    ticks: { ...ticks, session: 3 },
    promptClients: true,
    abandonedLogins: true,
  },
  understated: {
    name: 'legacy tokens that live longer than the plan states',
    instances: 1,
    clients: ['early', 'late'],
    ticks: { ...ticks, target: 2 },
    trueToken: 4,
  },
  skewed: {
    name: 'a gate whose clock is ahead',
    instances: 2,
    clients: ['late'],
    ticks: { ...ticks, session: 1, tolerance: 1 },
    amnesia: true,
    gateAhead: true,
  },
  unrecorded: {
    name: 'flags edited by hand: the time of the last issuance move is not recorded',
    instances: 1,
    clients: ['early', 'late'],
    ticks: { ...ticks, session: 2 },
    amnesia: true,
    unrecorded: true,
  },
  downgrades: {
    name: 'instances that may be rolled back to their previous image',
    instances: 2,
    clients: ['late'],
    ticks,
    downgrades: true,
  },
} satisfies Record<string, World>;

/** Worlds in which a client stays on legacy, or meters cannot tell: the legacy audience is never closed. */
export const STUCK = {
  switch: {
    name: 'a client that never sees the switch',
    instances: 1,
    clients: ['late', 'late'],
    ticks: { ...ticks, session: 1 },
    amnesia: true,
    stuck: 'switch',
  },
  session: {
    name: 'a client that keeps refreshing one legacy session',
    instances: 1,
    clients: ['late', 'late'],
    ticks: { ...ticks, session: 1 },
    amnesia: true,
    slidingSessions: true,
    stuck: 'session',
  },
  blind: {
    name: 'a meter that observes nothing, next to one that works',
    instances: 2,
    clients: ['late'],
    ticks,
    blindMeter: 1,
  },
} satisfies Record<string, World>;
