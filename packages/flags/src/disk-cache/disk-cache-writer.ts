import { parseFlagDocument } from '@crossfade/core';
import { createBoundedWork } from './bounded-work.ts';
import type { KeptCopy, KeptFlags } from './disk-cache.ts';
import { describeFileFailure } from './file-failure.ts';
import type { Finding } from './last-good.ts';

/** Keeps a copy in step with the last good document. A disk that fails or hangs is a problem, never a failure. */
export interface CopyKeeper {
  /** What the copy holds; `null` when it holds nothing that can be used. Never rejects. */
  restore(): Promise<KeptFlags | null>;
  /**
   * Writes down the good document that a look found which began at `askedAtMs`, or one that is still to be written; not
   * over one that another process was given later. Never rejects.
   */
  keep(finding: Finding, askedAtMs: number): Promise<void>;
  /** What is wrong with the copy at the moment. */
  problem(): string | undefined;
}

// A rollback waits for it, once: while the disk hangs, the looks that follow don't try.
const TIMEOUT_MS = 2000;

export function createCopyKeeper(copy: KeptCopy, timeoutMs = TIMEOUT_MS): CopyKeeper {
  const bounded = createBoundedWork(timeoutMs);
  let wanted: KeptFlags | null = null;
  // Whether that is the document which the store means when it says "unchanged".
  let isServed = false;
  let writtenText: string | null = null;
  let problem: string | undefined;

  async function load(): Promise<KeptFlags | null> {
    const loaded = await bounded(copy.load);
    if (loaded.kind === 'unusable') problem = `the copy on disk is not used: ${loaded.problem}`;
    return loaded.kind === 'flags' ? loaded.flags : null;
  }

  async function save(flags: KeptFlags): Promise<void> {
    // A write that fails late, or ends late, leaves either document behind.
    writtenText = null;
    const outcome = await bounded(() => copy.save(flags));
    // Outdated, it is offered again: the store may confirm it by then.
    if (outcome === 'saved') writtenText = flags.text;
    problem = undefined;
  }

  function note(finding: Finding, confirmedAtMs: number): void {
    if (finding.kind === 'document') {
      const { text, version } = finding;
      isServed = text === wanted?.text || parseFlagDocument(text).ok;
      if (isServed) wanted = { text, version, confirmedAtMs };
    } else if (finding.kind === 'unchanged' && isServed && wanted !== null) {
      wanted = { ...wanted, confirmedAtMs };
    }
  }

  return {
    async restore() {
      try {
        wanted = await load();
        writtenText = wanted?.text ?? null;
        return wanted;
      } catch (error) {
        problem = `the copy on disk is not used: ${describeFileFailure(copy.path, error)}`;
        return null;
      }
    },
    async keep(finding, askedAtMs) {
      note(finding, askedAtMs);
      if (wanted === null || wanted.text === writtenText) return;
      try {
        await save(wanted);
      } catch (error) {
        problem = `the flags are not kept on disk: ${describeFileFailure(copy.path, error)}`;
      }
    },
    problem: () => problem,
  };
}
