import {
  type Clock,
  DEFAULT_FLAG_DOCUMENT,
  describeProblem,
  type FlagDocument,
  type FlagRefreshResult,
  type FlagSnapshot,
  parseFlagDocument,
} from '@crossfade/core';
import type { KeptFlags } from './disk-cache.ts';
import { storedRevision } from './stored-revision.ts';

/** How one look at a store ended, before anybody read the document. `problem` never holds flag content. */
export type Finding =
  | { readonly kind: 'document'; readonly text: string; readonly version: string | null }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly problem: string };

type Document = Pick<KeptFlags, 'text' | 'version'>;

/** Keeps the last good document through everything a store may say or fail to say. */
export interface LastGood {
  snapshot(): FlagSnapshot;
  subscribe(listener: (snapshot: FlagSnapshot) => void): () => void;
  refreshes(): Readonly<Record<FlagRefreshResult, number>>;
  /** Takes a document from an earlier life, which is stale until the store confirms it. */
  restore(flags: Document): void;
  /** Takes in how a look ended, and what is wrong with the copy on disk by then. */
  record(finding: Finding, copyProblem?: string): FlagRefreshResult;
  /** From now on the document is stale once the store has not confirmed it for `durationMs`. */
  staleAfter(durationMs: number): void;
}

export function createLastGood(options: { readonly now: Clock; readonly staleAfterMs: number }): LastGood {
  const { now } = options;
  const listeners = new Set<(snapshot: FlagSnapshot) => void>();
  const counts = { updated: 0, unchanged: 0, refused: 0, failed: 0 };
  let { staleAfterMs } = options;
  let document: FlagDocument = DEFAULT_FLAG_DOCUMENT;
  let revision: string | null = null;
  let goodText: string | null = null;
  let confirmedAtMs: number | null = null;
  // A refusal outlives an outage: after a broken document a store says "unchanged", and would look healthy again.
  let refusal: string | undefined;
  let outage: string | undefined;
  let copyTrouble: string | undefined;
  /** What is wrong, for as long as nothing is recorded. */
  let wrong: string | undefined;
  let latest: FlagSnapshot | undefined;
  let latestAtMs = 0;

  function judge(finding: Finding): FlagRefreshResult {
    if (finding.kind === 'failed') {
      outage = finding.problem;
      return 'failed';
    }
    if (finding.kind === 'document') return read(finding.text, finding.version);
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
    if (parsed?.ok === false) {
      refusal = `the new document is refused: ${parsed.problems.map(describeProblem).join('; ')}`;
      return 'refused';
    }
    refusal = undefined;
    confirmedAtMs = now();
    if (parsed === undefined) return 'unchanged';
    take({ text, version }, parsed.document);
    return 'updated';
  }

  function take({ text, version }: Document, read: FlagDocument): void {
    goodText = text;
    document = read;
    revision = document.issuance.revision ?? storedRevision(text) ?? version;
  }

  function problem(): string | undefined {
    const earlier = outage !== undefined && refusal !== undefined ? `before that, ${refusal}` : refusal;
    const isRestored = goodText !== null && confirmedAtMs === null;
    const origin = isRestored ? 'the flags come from the copy on disk' : undefined;
    return [outage, earlier, origin, copyTrouble].filter((part) => part !== undefined).join('; ') || undefined;
  }

  function snapshot(): FlagSnapshot {
    const nowMs = now();
    // Read at every request: within a millisecond it is the same object.
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
    return { document, revision, ageSeconds, stale, ...(wrong !== undefined && { problem: wrong }) };
  }

  function noteChange(): void {
    wrong = problem();
    latest = undefined;
  }

  function notify(): void {
    const current = snapshot();
    for (const listener of [...listeners]) {
      try {
        listener(current);
      } catch {
        // Its own affair: one listener must not keep the others, or the next look, from happening.
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
      take(flags, parsed.document);
      noteChange();
      notify();
    },
    record(finding, copyProblem) {
      const documentBefore = document;
      const wrongBefore = wrong;
      copyTrouble = copyProblem;
      const result = judge(finding);
      noteChange();
      counts[result] += 1;
      if (document !== documentBefore || wrong !== wrongBefore) notify();
      return result;
    },
    staleAfter(durationMs) {
      staleAfterMs = durationMs;
      latest = undefined;
    },
  };
}
