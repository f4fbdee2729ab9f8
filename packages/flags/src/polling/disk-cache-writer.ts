import { parseFlagDocument } from '@crossfade/core';
import type { CachedFlags, DiskCache } from '../disk-cache/disk-cache.ts';
import { describeFileFailure } from '../disk-cache/file-failure.ts';
import type { PollResult } from './last-good.ts';
import { createExclusiveRunner } from './timeout.ts';

/** Writes the last good document to the disk cache. A disk that fails or hangs is reported as a problem. */
export interface DiskCacheWriter {
  /** Returns the cached flags; `null` if there are none that can be used. Never rejects. */
  restore(): Promise<CachedFlags | null>;
  /**
   * Writes the good document that the poll started at `startedAtMs` returned, or one still waiting to be written, unless
   * another process has cached a later one. Never rejects.
   */
  write(result: PollResult, startedAtMs: number): Promise<void>;
  /** What is wrong with the cache at the moment. */
  problem(): string | undefined;
}

// A hung disk delays a rollback by this much, once: later polls do not try while it hangs.
const TIMEOUT_MS = 2000;

export function createDiskCacheWriter(cache: DiskCache, timeoutMs = TIMEOUT_MS): DiskCacheWriter {
  const run = createExclusiveRunner(timeoutMs);
  let lastGood: CachedFlags | null = null;
  // Whether the store's "unchanged" refers to that document.
  let isServed = false;
  let writtenText: string | null = null;
  let problem: string | undefined;

  async function load(): Promise<CachedFlags | null> {
    const loaded = await run(cache.load);
    if (loaded.kind === 'unusable') problem = `the disk cache is not used: ${loaded.problem}`;
    return loaded.kind === 'flags' ? loaded.flags : null;
  }

  async function save(flags: CachedFlags): Promise<void> {
    // After a write that failed or timed out, the file may hold either document.
    writtenText = null;
    const outcome = await run(() => cache.save(flags));
    // An outdated document is offered again: the store may have confirmed it by then.
    if (outcome === 'saved') writtenText = flags.text;
    problem = undefined;
  }

  function note(result: PollResult, confirmedAtMs: number): void {
    if (result.kind === 'document') {
      const { text, version } = result;
      isServed = text === lastGood?.text || parseFlagDocument(text).ok;
      if (isServed) lastGood = { text, version, confirmedAtMs };
    } else if (result.kind === 'unchanged' && isServed && lastGood !== null) {
      lastGood = { ...lastGood, confirmedAtMs };
    }
  }

  return {
    async restore() {
      try {
        lastGood = await load();
        writtenText = lastGood?.text ?? null;
        return lastGood;
      } catch (error) {
        problem = `the disk cache is not used: ${describeFileFailure(cache.path, error)}`;
        return null;
      }
    },
    async write(result, startedAtMs) {
      note(result, startedAtMs);
      if (lastGood === null || lastGood.text === writtenText) return;
      try {
        await save(lastGood);
      } catch (error) {
        problem = `the flags are not cached on disk: ${describeFileFailure(cache.path, error)}`;
      }
    },
    problem: () => problem,
  };
}
