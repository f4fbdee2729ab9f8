import type { Clock, ObservedAcceptance } from '@crossfade/core';
import type { JudgementBatchHead } from '@crossfade/validator/collector';
import { createSequenceWindow, type SequenceWindow } from './sequence-window.ts';

/** `silent`: reports nothing and did not close; `gone`: silent for too long to be waited for. */
export type SenderState = 'live' | 'silent' | 'gone' | 'closed';

/** A process that sends its judgements here, while it is remembered. */
export interface SenderView {
  readonly sender: string;
  readonly name: string | null;
  readonly state: SenderState;
  /** What it last reported to accept. */
  readonly acceptance: ObservedAcceptance;
  readonly lastHeardMs: number;
  /** Judgements that were counted. */
  readonly counted: number;
  /** Judgements that it made and could not deliver. */
  readonly lost: number;
}

/** What to do with a batch. `refuse_full`: no further sender can be remembered, so nothing may be counted. */
export type BatchDecision =
  | { readonly action: 'count'; readonly skippedBatches: number }
  | { readonly action: 'skip_duplicate' }
  | { readonly action: 'refuse_full' };

/**
 * Knows which processes send, what was counted of each, and whether one is missing. Nothing is ever counted twice: a
 * sender is forgotten only after it has been silent for much longer than it retries.
 */
export interface Senders {
  /** Notes the arrival of a batch, and decides whether its judgements count. */
  receive(head: JudgementBatchHead, judgements: number): BatchDecision;
  /** The most recently heard comes first. */
  list(): readonly SenderView[];
  /** Whether at least one process reports and none is silent: only then does the meter see all there is. */
  isWatching(): boolean;
  /** Until when, in ms, judgements may be missing: now while a process is silent; `null` for never. */
  lastGapMs(): number | null;
}

/** Senders report every 5 s, and resume within 10 s after this collector was down. */
const SILENT_AFTER_MS = 30_000;
/** Keeps a killed process from holding the drain open for ever. Its end stays a gap. */
const GONE_AFTER_MS = 600_000;
/** Senders drop a batch after 10 minutes of retries. */
const FORGET_CLOSED_AFTER_MS = 3_600_000;
const FORGET_AFTER_MS = 86_400_000;
const MAX_SENDERS = 10_000;

interface Sender {
  readonly window: SequenceWindow;
  /** The highest one received: an older batch that arrives late says nothing about the present. */
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
  const forgetOldSenders = (nowMs: number) => {
    for (const [id, sender] of senders) {
      const forgetAfterMs = sender.isClosed ? FORGET_CLOSED_AFTER_MS : FORGET_AFTER_MS;
      if (nowMs - sender.lastHeardMs <= forgetAfterMs) continue;
      if (!sender.isClosed) noteGap(sender.lastHeardMs + GONE_AFTER_MS);
      emptySinceMs = Math.max(emptySinceMs, sender.lastHeardMs);
      senders.delete(id);
    }
  };
  /**
   * Whether no process has reported for a while. A short pause does not count: a process serves before its first report
   * and after its last one, so that a restart leaves no gap.
   */
  const isUnattended = (nowMs: number): boolean => {
    let lastMs = emptySinceMs;
    for (const sender of senders.values()) {
      if (stateOf(sender, nowMs) === 'live') return false;
      lastMs = Math.max(lastMs, sender.lastHeardMs);
    }
    return nowMs - lastMs > SILENT_AFTER_MS;
  };
  const addSender = (id: string, nowMs: number): Sender | undefined => {
    forgetOldSenders(nowMs);
    if (senders.size >= maxSenders) return undefined;
    if (isUnattended(nowMs)) noteGap(nowMs);
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
  /** Whether judgements may be missing right now. */
  const hasGap = (nowMs: number): boolean =>
    isUnattended(nowMs) || [...senders.values()].some((sender) => stateOf(sender, nowMs) === 'silent');

  return {
    receive(head, judgements) {
      const nowMs = now();
      const sender = senders.get(head.sender) ?? addSender(head.sender, nowMs);
      if (sender === undefined) return { action: 'refuse_full' };
      sender.lastHeardMs = nowMs;
      const added = sender.window.add(head.sequence, head.acknowledged);
      if (!added.isNew) return { action: 'skip_duplicate' };
      if (head.sequence > sender.sequence) {
        sender.sequence = head.sequence;
        sender.name = head.name ?? null;
        sender.acceptance = head.acceptance;
        sender.isClosed = head.closing === true;
      }
      sender.counted += judgements;
      sender.lost += head.lost;
      if (head.lost > 0 || added.skipped > 0) noteGap(nowMs);
      return { action: 'count', skippedBatches: added.skipped };
    },

    list() {
      const nowMs = now();
      return [...senders]
        .map(([id, sender]) => viewOf(id, sender, stateOf(sender, nowMs)))
        .toSorted((one, other) => other.lastHeardMs - one.lastHeardMs);
    },

    isWatching: () => !hasGap(now()),

    lastGapMs() {
      const nowMs = now();
      if (hasGap(nowMs)) return nowMs;
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
