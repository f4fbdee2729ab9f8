import type { Process } from './fleet.ts';
import type { Random } from './random.ts';
import type { Span } from './recorded.ts';

/** What makes a moment bad. The legacy kinds differ in what the meter does with them. */
export type EventKind =
  | 'legacy' // accepted
  | 'legacy_rejected' // verified and unexpired, but rejected
  | 'bridge' // of both audiences, accepted, but not after a close
  | 'unjudged'
  | 'valid_unauthorized'
  | 'verified_disagreement'
  | 'unverified_disagreement';

export const LEGACY_KINDS: readonly EventKind[] = ['legacy', 'legacy_rejected', 'bridge'];

/** A request, as it truly was. Times are seconds. */
export interface TrafficEvent {
  readonly at: number;
  readonly kind: EventKind;
  readonly process: Process;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A login that got a legacy token. */
export interface LegacySession {
  readonly loginAt: number;
  /** Until then a token of this session may come. */
  readonly aliveUntil: number;
  readonly events: readonly TrafficEvent[];
}

/** A client with its own legacy configuration: it comes at least once in each `silence`, for as long as it lives. */
export interface RareClient {
  readonly cycle: number;
  readonly events: readonly TrafficEvent[];
}

export interface Traffic {
  readonly events: readonly TrafficEvent[];
  readonly sessions: readonly LegacySession[];
  readonly rareClients: readonly RareClient[];
}

export interface Lifetimes {
  readonly token: number;
  readonly session: number;
  readonly silence: number;
}

export interface TrafficScript {
  readonly endsAt: number;
  /** Until then bad things may happen. */
  readonly chaosUntil: number;
  readonly processes: readonly Process[];
  readonly services: readonly string[];
  lifetimesAt(at: number): Lifetimes;
  percentAt(at: number): number;
  /** When issuance went back. */
  readonly lows: readonly Span[];
  /** Whether a rare client goes on for ever. */
  readonly neverDrains: boolean;
  /** Whether something bad happens late. */
  readonly isSpoiledLate: boolean;
}

export function runTraffic(script: TrafficScript, random: Random): Traffic {
  const { endsAt, chaosUntil, services } = script;
  const events: TrafficEvent[] = [];

  /** Sends a request to an instance that serves, or later, if none does. */
  const send = (at: number, kind: EventKind, service: string, life: { issuedAt: number; expiresAt: number }) => {
    for (let time = Math.max(0, at); time < at + 120; time += 5) {
      const serving = script.processes.filter(
        (one) => one.service === service && one.startedAt < time && time < one.servesUntil,
      );
      const process = serving[random.integer(0, serving.length - 1)];
      if (process === undefined) continue;
      const event = { at: time, kind, process, ...life };
      events.push(event);
      return event;
    }
    return undefined;
  };
  const sendTo = (process: Process, at: number, kind: EventKind) => {
    if (process.startedAt < at && at < process.servesUntil)
      events.push({ at, kind, process, issuedAt: at, expiresAt: at + script.lifetimesAt(at).token });
  };
  const service = () => services[random.integer(0, services.length - 1)] as string;

  const sessions: LegacySession[] = [];
  const logins = Array.from({ length: random.integer(3, 8) }, () => random.integer(-1800, endsAt));
  // While issuance goes back for a short time, a login is rare.
  for (const { from, to } of script.lows) if (random.chance(0.5)) logins.push(random.integer(from, to));
  for (const loginAt of logins) {
    // The application that logs in may read its flags late.
    if (random.next() * 100 < script.percentAt(loginAt - random.integer(0, 120))) continue;
    const { token, session } = script.lifetimesAt(loginAt);
    const used = useSession(loginAt, { token, session: random.integer(0, session) }, service());
    sessions.push({ loginAt, aliveUntil: loginAt + session + token, events: used });
  }

  function useSession(loginAt: number, { token, session }: Pick<Lifetimes, 'token' | 'session'>, name: string) {
    const used: TrafficEvent[] = [];
    const pause = random.integer(60, 900);
    let issuedAt = loginAt;
    for (let at = loginAt + random.integer(1, 60); at < endsAt; at += random.integer(30, pause)) {
      if (at >= issuedAt + token && at < loginAt + session) issuedAt = at;
      if (at >= issuedAt + token) break;
      const event = at < 0 ? undefined : send(at, 'legacy', name, { issuedAt, expiresAt: issuedAt + token });
      if (event) used.push(event);
    }
    return used;
  }

  const rareClients: RareClient[] = [];
  for (let index = random.integer(script.neverDrains ? 1 : 0, 2); index > 0; index -= 1) {
    const kind = random.pick(['legacy', 'legacy', 'legacy', 'legacy_rejected', 'bridge'] as const);
    const name = service();
    const stopsAt = script.neverDrains ? endsAt : random.integer(0, chaosUntil);
    const cycle = Math.min(script.lifetimesAt(0).silence, script.lifetimesAt(endsAt).silence);
    const own: TrafficEvent[] = [];
    for (let at = random.integer(0, cycle); at < stopsAt; at += random.integer(cycle >> 1, cycle - 120)) {
      const issuedAt = at - random.integer(0, 60);
      const event = send(at, kind, name, { issuedAt, expiresAt: issuedAt + script.lifetimesAt(at).token });
      if (event) own.push(event);
    }
    rareClients.push({ cycle, events: own });
  }

  const BAD = ['unjudged', 'valid_unauthorized', 'verified_disagreement', 'unverified_disagreement'] as const;
  for (const kind of BAD) {
    for (let index = random.integer(-2, 2); index > 0; index -= 1)
      send(random.integer(0, chaosUntil), kind, service(), { issuedAt: 0, expiresAt: 0 });
  }
  // Where it matters most: at instances that are ill, at the end of it, and just before a clock is set.
  for (const process of script.processes) {
    const endsAtOf = Math.min(process.servesUntil, chaosUntil);
    const isIll = process.skews.length > 0 || process.isUnscraped || !process.tellsDisagreements;
    const setAt = process.skews[1]?.from ?? endsAtOf;
    if (isIll && random.chance(0.3))
      sendTo(process, endsAtOf - random.integer(0, 600), random.pick([...BAD, 'legacy_rejected'] as const));
    if (isIll && setAt < endsAtOf && random.chance(0.5)) sendTo(process, setAt - random.integer(1, 50), 'legacy');
  }
  if (script.isSpoiledLate)
    send(
      random.integer(chaosUntil, endsAt),
      random.pick([...BAD, 'legacy', 'bridge', 'legacy_rejected'] as const),
      service(),
      {
        issuedAt: 0,
        expiresAt: 0,
      },
    );
  return { events: events.toSorted((one, other) => one.at - other.at), sessions, rareClients };
}
