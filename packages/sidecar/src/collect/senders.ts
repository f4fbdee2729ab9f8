import type { Clock, ObservedAcceptance } from '@crossfade/core';
import type { JudgementBatchHead } from '@crossfade/validator/collector';
import { createSequenceWindow, type SequenceWindow } from './sequence-window.ts';

/** `silent` says nothing and said no goodbye; `gone` has done so for too long to be waited for. */
export type SenderState = 'live' | 'silent' | 'gone' | 'closed';

/** A process that sends its judgements here, as far as it is remembered. */
export interface SenderView {
  readonly sender: string;
  readonly name: string | null;
  readonly state: SenderState;
  /** What it last said that it lets in. */
  readonly acceptance: ObservedAcceptance;
  readonly lastHeardMs: number;
  /** Judgements that were counted. */
  readonly counted: number;
  /** Judgements that it had and this collector will never have. */
  readonly lost: number;
}

/** What to do with a batch. `full`: nobody new can be remembered, so nothing may be counted. */
export type Hearing =
  | { readonly to: 'count'; readonly skippedBatches: number }
  | { readonly to: 'skip_duplicate' }
  | { readonly to: 'refuse_full' };

/**
 * Who sends, what of it was counted, and whether somebody is missing. Nothing is ever counted twice: a sender is
 * forgotten only when it has been silent for much longer than it retries.
 */
export interface Senders {
  /** A batch arrived; its judgements count where the answer says so. */
  hear(head: JudgementBatchHead, judgements: number): Hearing;
  /** The one heard last comes first. */
  list(): readonly SenderView[];
  /** Somebody reports, and nobody who should is silent: what the meter shows is all there is. */
  isWatching(): boolean;
  /** Until when, in ms, judgements may have been missed: now while somebody is silent; `null` for never. */
  lastGapMs(): number | null;
}

/** Senders speak every 5 s, and come back within 10 s after this collector was away. */
const SILENT_AFTER_MS = 30_000;
/** A process that was killed would else hold the drain open for ever. Its end stays a gap in the watch. */
const GONE_AFTER_MS = 600_000;
/** Senders give a batch up after 10 minutes of retries. */
const FORGET_CLOSED_AFTER_MS = 3_600_000;
const FORGET_AFTER_MS = 86_400_000;
const MAX_SENDERS = 10_000;

interface Sender {
  readonly window: SequenceWindow;
  /** The highest one: an older batch that arrives late tells nothing of now. */
  sequence: number;
  name: string | null;
  acceptance: ObservedAcceptance;
  isClosed: boolean;
  lastHeardMs: number;
  counted: number;
  lost: number;
}

export function createSenders(now: Clock, maxSenders = MAX_SENDERS): Senders {
  const senders = new Map<string, Sender>();
  let emptySinceMs = now();
  let gapMs: number | null = null;

  const stateOf = ({ isClosed, lastHeardMs }: Sender, nowMs: number): SenderState => {
    if (isClosed) return 'closed';
    if (nowMs - lastHeardMs <= SILENT_AFTER_MS) return 'live';
    return nowMs - lastHeardMs <= GONE_AFTER_MS ? 'silent' : 'gone';
  };
  const noteGap = (untilMs: number) => {
    gapMs = Math.max(untilMs, gapMs ?? 0);
  };
  const forget = (nowMs: number) => {
    for (const [id, sender] of senders) {
      const forgetAfterMs = sender.isClosed ? FORGET_CLOSED_AFTER_MS : FORGET_AFTER_MS;
      if (nowMs - sender.lastHeardMs <= forgetAfterMs) continue;
      if (!sender.isClosed) noteGap(sender.lastHeardMs + GONE_AFTER_MS);
      emptySinceMs = Math.max(emptySinceMs, sender.lastHeardMs);
      senders.delete(id);
    }
  };
  /** A process may serve before its sender is heard, and go on after it, so that short pauses are none. */
  const nobodyReports = (nowMs: number): boolean => {
    let lastMs = emptySinceMs;
    for (const sender of senders.values()) {
      if (stateOf(sender, nowMs) === 'live') return false;
      lastMs = Math.max(lastMs, sender.lastHeardMs);
    }
    return nowMs - lastMs > SILENT_AFTER_MS;
  };
  const welcome = (id: string, nowMs: number): Sender | undefined => {
    forget(nowMs);
    if (senders.size >= maxSenders) return undefined;
    if (nobodyReports(nowMs)) noteGap(nowMs);
    const sender: Sender = {
      window: createSequenceWindow(),
      sequence: 0,
      name: null,
      acceptance: 'legacy',
      isClosed: false,
      lastHeardMs: nowMs,
      counted: 0,
      lost: 0,
    };
    senders.set(id, sender);
    return sender;
  };
  const blindness = (nowMs: number): boolean =>
    nobodyReports(nowMs) || [...senders.values()].some((sender) => stateOf(sender, nowMs) === 'silent');

  return {
    hear(head, judgements) {
      const nowMs = now();
      const sender = senders.get(head.sender) ?? welcome(head.sender, nowMs);
      if (sender === undefined) return { to: 'refuse_full' };
      sender.lastHeardMs = nowMs;
      const admission = sender.window.admit(head.sequence, head.acknowledged);
      if (!admission.isNew) return { to: 'skip_duplicate' };
      if (head.sequence > sender.sequence) {
        sender.sequence = head.sequence;
        sender.name = head.name ?? null;
        sender.acceptance = head.acceptance;
        sender.isClosed = head.closing === true;
      }
      sender.counted += judgements;
      sender.lost += head.lost;
      if (head.lost > 0 || admission.skipped > 0) noteGap(nowMs);
      return { to: 'count', skippedBatches: admission.skipped };
    },

    list() {
      const nowMs = now();
      return [...senders]
        .map(([id, sender]) => viewOf(id, sender, stateOf(sender, nowMs)))
        .toSorted((one, other) => other.lastHeardMs - one.lastHeardMs);
    },

    isWatching: () => !blindness(now()),

    lastGapMs() {
      const nowMs = now();
      if (blindness(nowMs)) return nowMs;
      let lastMs = gapMs;
      for (const sender of senders.values()) {
        if (stateOf(sender, nowMs) === 'gone') lastMs = Math.max(sender.lastHeardMs + GONE_AFTER_MS, lastMs ?? 0);
      }
      return lastMs;
    },
  };
}

function viewOf(id: string, { name, acceptance, lastHeardMs, counted, lost }: Sender, state: SenderState): SenderView {
  return { sender: id, name, state, acceptance, lastHeardMs, counted, lost };
}
