import { type Clock, formatInstant, type Phase, type Verdict } from '@crossfade/core';
import { countsBetween, type Ledger, legacyShare, type Moment } from './ledger.ts';

/** The content of `rehearsal.json`. Times are ISO 8601. */
export interface Rehearsal {
  /** Requests made with a valid token. */
  readonly requests: number;
  /** Responses 401, 403 or 5xx to them. */
  readonly rejected: number;
  /** Requests without a usable response, retries included. */
  readonly unavailable: number;
  /** `rejected` counts from the command until the ramp goes up again. */
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
  /** The gate's last verdict, and how many attempts to close it refused before. */
  readonly gate: { readonly verdict: Verdict | null; readonly refusedBefore: number };
  readonly closedAt: string | null;
  readonly seed: number;
}

/** Records the events of the script. */
export interface Report {
  /** The counts so far, with the current time. */
  moment(): Moment;
  /** A phase began at `moment`, which ended the previous one. */
  enter(phase: Phase, moment: Moment): void;
  phase(): Phase | undefined;
  rollbackRequested(): void;
  rollbackConverged(): void;
  /** Logins ask for the target again. */
  rollbackOver(): void;
  gateEvaluated(verdict: Verdict): void;
  closeRefused(): void;
  closed(): void;
  /** Everything up to now. */
  result(): Rehearsal;
}

export interface ReportOptions {
  readonly seed: number;
  readonly ledger: Pick<Ledger, 'counts'>;
  readonly now: Clock;
}

export function createReport({ seed, ledger, now }: ReportOptions): Report {
  const moment = (): Moment => ({ atMs: now(), counts: ledger.counts() });
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
    gateEvaluated(latest) {
      verdict = latest;
    },
    closeRefused() {
      refusedBefore += 1;
    },
    closed() {
      closedAtMs = now();
    },
    result() {
      const end = moment();
      const { requests, rejected, unavailable } = end.counts;
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
                rejected: countsBetween(rollback.requested.counts, (rollback.over ?? end).counts).rejected,
              },
        phases: phases.map(({ phase, start }, index) => {
          const next = phases[index + 1]?.start ?? end;
          const counted = countsBetween(start.counts, next.counts);
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

/** Whether the rehearsal succeeded: the legacy audience is closed, and every request was served. */
export function succeeded({ rejected, unavailable, closedAt }: Rehearsal): boolean {
  return closedAt !== null && rejected === 0 && unavailable === 0;
}
