import {
  type Clock,
  DEFAULT_FLAG_DOCUMENT,
  describeProblem,
  type FlagDocument,
  type FlagRefreshResult,
  type FlagSnapshot,
  parseFlagDocument,
} from '@crossfade/core';
import type { CachedFlags } from '../disk-cache/disk-cache.ts';

/** What one poll of a store returned, before the document is parsed. `problem` never holds flag content. */
export type PollResult =
  | { readonly kind: 'document'; readonly text: string; readonly version: string | null }
  | { readonly kind: 'unchanged' }
  /** A document that is no flag document, such as an HTML page. */
  | { readonly kind: 'broken'; readonly problem: string }
  | { readonly kind: 'failed'; readonly problem: string };

type Document = Pick<CachedFlags, 'text' | 'version'>;

/** Holds the last good document whatever the store returns. */
export interface LastGood {
  snapshot(): FlagSnapshot;
  subscribe(listener: (snapshot: FlagSnapshot) => void): () => void;
  refreshes(): Readonly<Record<FlagRefreshResult, number>>;
  /** Uses a document from the disk cache, which is stale until the store confirms it. */
  restore(flags: Document): void;
  /** Records what a poll returned, and what is wrong with the disk cache at that moment. */
  record(result: PollResult, cacheProblem?: string): FlagRefreshResult;
  /** Records what is wrong with the disk cache; `undefined` when nothing is. */
  recordCacheProblem(problem: string | undefined): void;
  /** Makes the document stale once the store has not confirmed it for `durationMs`. */
  staleAfter(durationMs: number): void;
}

export function createLastGood(options: {
  readonly now: Clock;
  readonly staleAfterMs: number;
  /** Names where a restored document comes from. Default: the disk cache. */
  readonly restoredFrom?: string;
  /** The store's name. */
  readonly source?: string | undefined;
  /** Returns the hash of a document. Absent where there is no synchronous SHA-256, as in browsers. */
  readonly hash?: ((document: FlagDocument) => string) | undefined;
}): LastGood {
  const { now, restoredFrom = 'the disk cache', source } = options;
  const listeners = new Set<(snapshot: FlagSnapshot) => void>();
  const counts = { updated: 0, unchanged: 0, refused: 0, failed: 0 };
  let { staleAfterMs } = options;
  let document: FlagDocument = DEFAULT_FLAG_DOCUMENT;
  let revision: string | null = null;
  let hash: string | undefined;
  let goodText: string | null = null;
  let confirmedAtMs: number | null = null;
  // A refusal outlives an outage: after a broken document the store says "unchanged", which would hide the problem.
  let refusal: string | undefined;
  let outage: string | undefined;
  let cacheProblem: string | undefined;
  /** The combined problem; changes when a poll is recorded or a document is restored. */
  let problem: string | undefined;
  let latest: FlagSnapshot | undefined;
  let latestAtMs = 0;

  function outcomeOf(result: PollResult): FlagRefreshResult {
    if (result.kind === 'failed') {
      outage = result.problem;
      return 'failed';
    }
    if (result.kind === 'document') return read(result.text, result.version);
    if (result.kind === 'broken') return refuse(result.problem);
    if (refusal === undefined && confirmedAtMs === null) {
      outage = 'the store has no document';
      return 'failed';
    }
    outage = undefined;
    if (refusal !== undefined) return 'refused';
    confirmedAtMs = now();
    return 'unchanged';
  }

  function read(text: string, version: string | null): FlagRefreshResult {
    outage = undefined;
    const isKnown = text === goodText;
    const parsed = isKnown ? undefined : parseFlagDocument(text);
    if (parsed?.ok === false) return refuse(parsed.problems.map(describeProblem).join('; '));
    refusal = undefined;
    confirmedAtMs = now();
    if (parsed === undefined) return 'unchanged';
    use({ text, version }, parsed.document);
    return 'updated';
  }

  function refuse(why: string): FlagRefreshResult {
    outage = undefined;
    refusal = `the new document is refused: ${why}`;
    return 'refused';
  }

  function use({ text, version }: Document, read: FlagDocument): void {
    goodText = text;
    document = read;
    revision = document.issuance.revision ?? version;
    hash = options.hash?.(read);
  }

  function describeProblems(): string | undefined {
    const earlier = outage !== undefined && refusal !== undefined ? `before that, ${refusal}` : refusal;
    const isRestored = goodText !== null && confirmedAtMs === null;
    const origin = isRestored ? `the flags come from ${restoredFrom}` : undefined;
    return [outage, earlier, origin, cacheProblem].filter((part) => part !== undefined).join('; ') || undefined;
  }

  function snapshot(): FlagSnapshot {
    const nowMs = now();
    // Requests read it all the time: within a millisecond they get the same object.
    if (latest === undefined || nowMs !== latestAtMs) {
      latest = describeAt(nowMs);
      latestAtMs = nowMs;
    }
    return latest;
  }

  function describeAt(nowMs: number): FlagSnapshot {
    const ageMs = confirmedAtMs === null ? null : Math.max(0, nowMs - confirmedAtMs);
    const ageSeconds = ageMs === null ? null : ageMs / 1000;
    const stale = ageMs === null || ageMs > staleAfterMs;
    return {
      document,
      revision,
      ...(source !== undefined && { source }),
      ...(hash !== undefined && { hash }),
      ageSeconds,
      stale,
      ...(problem !== undefined && { problem }),
    };
  }

  function noteChange(): void {
    problem = describeProblems();
    latest = undefined;
  }

  function notify(): void {
    const current = snapshot();
    for (const listener of [...listeners]) {
      try {
        listener(current);
      } catch {
        // A listener that throws must not stop the other listeners or the next poll.
      }
    }
  }

  return {
    snapshot,
    subscribe(listener) {
      const entry = (current: FlagSnapshot) => listener(current);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    refreshes: () => ({ ...counts }),
    restore(flags) {
      const parsed = parseFlagDocument(flags.text);
      if (!parsed.ok) return;
      use(flags, parsed.document);
      noteChange();
      notify();
    },
    record(result, newCacheProblem) {
      const documentBefore = document;
      const problemBefore = problem;
      cacheProblem = newCacheProblem;
      const outcome = outcomeOf(result);
      noteChange();
      counts[outcome] += 1;
      if (document !== documentBefore || problem !== problemBefore) notify();
      return outcome;
    },
    recordCacheProblem(newProblem) {
      const problemBefore = problem;
      cacheProblem = newProblem;
      noteChange();
      if (problem !== problemBefore) notify();
    },
    staleAfter(durationMs) {
      staleAfterMs = durationMs;
      latest = undefined;
    },
  };
}
