import { type Clock, formatInstant, type Phase, type Verdict } from '@crossfade/core';
import { type Ledger, legacyShare, type Tally, tallyBetween } from '../ledger/ledger.ts';

/** `rehearsal.json`. Times are ISO 8601. */
export interface Rehearsal {
  /** Requests made with a valid token. */
  readonly requests: number;
  /** Answers 401, 403 or 5xx to them. */
  readonly rejected: number;
  /** Those that got no answer of use, whatever was retried. */
  readonly unavailable: number;
  /** `rejected` counts from the request on until the ramp goes up again. */
  readonly rollback: {
    readonly requestedAt: string;
    readonly convergedAt: string | null;
    readonly rejected: number;
  } | null;
  readonly phases: readonly {
    readonly phase: Phase;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly requests: number;
    /** The legacy share of the accepted tokens, 0..1. */
    readonly legacyShare: number;
  }[];
  /** The gate's last word, and how many attempts to close it refused before. */
  readonly gate: { readonly verdict: Verdict | null; readonly refusedBefore: number };
  readonly closedAt: string | null;
  readonly seed: number;
}

/** A point in time, with the counts at it. */
export interface Moment {
  readonly atMs: number;
  readonly tally: Tally;
}

/** Takes notes while the script plays. */
export interface Report {
  /** Now, and what was counted until now. */
  moment(): Moment;
  /** A phase began at `moment`, and the one before it ended. */
  enter(phase: Phase, moment: Moment): void;
  phase(): Phase | undefined;
  rollbackRequested(): void;
  rollbackConverged(): void;
  /** Logins ask for the target again. */
  rollbackOver(): void;
  gateSaid(verdict: Verdict): void;
  closeRefused(): void;
  closed(): void;
  /** Everything up to now. */
  result(): Rehearsal;
}

export interface ReportOptions {
  readonly seed: number;
  readonly ledger: Pick<Ledger, 'tally'>;
  readonly now: Clock;
}

export function createReport({ seed, ledger, now }: ReportOptions): Report {
  const moment = (): Moment => ({ atMs: now(), tally: ledger.tally() });
  const phases: { phase: Phase; start: Moment }[] = [];
  let rollback: { requested: Moment; convergedAtMs: number | null; over: Moment | undefined } | undefined;
  let verdict: Verdict | null = null;
  let refusedBefore = 0;
  let closedAtMs: number | null = null;

  return {
    moment,
    enter: (phase, start) => void phases.push({ phase, start }),
    phase: () => phases.at(-1)?.phase,
    rollbackRequested() {
      rollback = { requested: moment(), convergedAtMs: null, over: undefined };
    },
    rollbackConverged() {
      if (rollback !== undefined) rollback.convergedAtMs = now();
    },
    rollbackOver() {
      if (rollback !== undefined) rollback.over ??= moment();
    },
    gateSaid(word) {
      verdict = word;
    },
    closeRefused() {
      refusedBefore += 1;
    },
    closed() {
      closedAtMs = now();
    },
    result() {
      const end = moment();
      const { requests, rejected, unavailable } = end.tally;
      return {
        requests,
        rejected,
        unavailable,
        rollback:
          rollback === undefined
            ? null
            : {
                requestedAt: formatInstant(rollback.requested.atMs),
                convergedAt: rollback.convergedAtMs === null ? null : formatInstant(rollback.convergedAtMs),
                rejected: tallyBetween(rollback.requested.tally, (rollback.over ?? end).tally).rejected,
              },
        phases: phases.map(({ phase, start }, index) => {
          const next = phases[index + 1]?.start ?? end;
          const counted = tallyBetween(start.tally, next.tally);
          const share = Math.round(legacyShare(counted) * 10_000) / 10_000;
          return {
            phase,
            startedAt: formatInstant(start.atMs),
            endedAt: formatInstant(next.atMs),
            requests: counted.requests,
            legacyShare: share,
          };
        }),
        gate: { verdict, refusedBefore },
        closedAt: closedAtMs === null ? null : formatInstant(closedAtMs),
        seed,
      };
    },
  };
}

/** Whether the rehearsal kept the promise: the legacy audience is closed, and it cost nobody one request. */
export function keptThePromise({ rejected, unavailable, closedAt }: Rehearsal): boolean {
  return closedAt !== null && rejected === 0 && unavailable === 0;
}
