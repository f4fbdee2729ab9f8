import {
  type AcceptedJudgement,
  activeBrownout,
  type Brownout,
  type BrownoutSwitch,
  type Judgement,
  rejectAccepted,
} from '@crossfade/core';
import { isInBrownout } from '@crossfade/core/bucketing';
import type { ValidatorSettings } from '../settings/validator-settings.ts';

/** A brownout that the flags command now, and what this validator makes of it. */
export interface BrownoutStatus extends Brownout {
  /** How many requests it has refused. */
  readonly refused: number;
  /** Whether this validator has stopped refusing, because too large a share of its requests was concerned. */
  readonly stopped: boolean;
}

/** Refuses legacy tokens of a share of clients while the flags command it. */
export interface BrownoutCheck {
  /** Refuses an otherwise accepted token, or returns its judgement as it is. */
  apply(judgement: AcceptedJudgement, nowMs: number): Judgement;
  /** `null` while the flags command none. */
  status(nowMs: number): BrownoutStatus | null;
}

const WINDOW_MS = 60_000;
/** The largest share of requests with valid tokens that may be refused within a window. */
const MAX_SHARE = 0.05;
/** Refusals within a window that need no share: of a few requests, one is a large share. */
const FREE_REFUSALS = 20;

/**
 * Creates the check of one validator. It ends a brownout for itself when, within a minute, it would refuse more than 20
 * requests and more than 5 % of all requests with valid tokens; it then waits until the flag changes.
 * @param read a switch that throws, or returns anything but a brownout, commands none.
 * @param onStopped called when this validator stops; what it throws changes nothing.
 */
export function createBrownoutCheck(read: BrownoutSwitch, onStopped?: (brownout: Brownout) => void): BrownoutCheck {
  /** The brownout that the counts belong to. */
  let commanded: Brownout | null = null;
  let isStopped = false;
  let refused = 0;
  /** Requests with valid tokens, at any time. */
  let requests = 0;
  let window = { startMs: Number.NEGATIVE_INFINITY, requests: 0, refused: 0 };

  function current(nowMs: number): Brownout | null {
    const active = activeBrownout(readSwitch(read), nowMs);
    if (active === null || isSame(active, commanded)) return active;
    commanded = active;
    isStopped = false;
    refused = 0;
    window = { startMs: nowMs, requests, refused: 0 };
    return active;
  }

  function mayRefuse(nowMs: number): boolean {
    const ageMs = nowMs - window.startMs;
    if (ageMs >= WINDOW_MS || ageMs < 0) window = { startMs: nowMs, requests, refused: 0 };
    const next = window.refused + 1;
    return next <= FREE_REFUSALS || next <= MAX_SHARE * (requests - window.requests);
  }

  return {
    apply(judgement, nowMs) {
      requests += 1;
      if (judgement.audience !== 'legacy') return judgement;
      const active = current(nowMs);
      const { clientId } = judgement;
      // Without a client there is nothing that keeps the share sticky.
      if (active === null || isStopped || !clientId || !isInBrownout(clientId, active.percent)) return judgement;
      if (!mayRefuse(nowMs)) {
        isStopped = true;
        report(active, onStopped);
        return judgement;
      }
      window.refused += 1;
      refused += 1;
      return rejectAccepted(judgement, { reason: 'brownout' });
    },

    status(nowMs) {
      const active = current(nowMs);
      return active === null ? null : { ...active, refused, stopped: isStopped };
    },
  };
}

/** The check of a validator, if it can take part: without a target side no client could do better. */
export function openBrownoutCheck({
  brownout,
  onBrownoutStopped,
  target,
}: Pick<ValidatorSettings, 'brownout' | 'onBrownoutStopped' | 'target'>): BrownoutCheck | undefined {
  return brownout === undefined || target === undefined ? undefined : createBrownoutCheck(brownout, onBrownoutStopped);
}

function isSame(one: Brownout, other: Brownout | null): boolean {
  return one.percent === other?.percent && one.untilMs === other.untilMs;
}

function readSwitch(read: BrownoutSwitch): Brownout | null {
  try {
    return read() ?? null;
  } catch {
    return null;
  }
}

function report(brownout: Brownout, onStopped: ((brownout: Brownout) => void) | undefined): void {
  try {
    onStopped?.(brownout);
  } catch {
    // A failing listener must not cost a valid request.
  }
}
