import { resolve } from 'node:path';
import { type Clock, UnavailableError } from '@crossfade/core';
import { createDiskCache } from '../disk-cache/disk-cache.ts';
import { describeFileFailure } from '../disk-cache/file-failure.ts';
import { checkOptions } from '../polling/check-options.ts';
import { decodeText } from '../polling/decode-text.ts';
import type { PollResult } from '../polling/last-good.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';
import { fileName } from '../polling/store-name.ts';
import { createExclusiveRunner, type ExclusiveRunner } from '../polling/timeout.ts';
import { readFlagFile } from './flag-file.ts';

export interface FileSourceOptions {
  /** Path of the flag document. It need not exist yet. */
  readonly path: string;
  /** How often the file is read, in ms. Default: 250. */
  readonly intervalMs?: number;
  /** Timeout of one read, in ms, for a network mount that hangs. Default: 2 s. */
  readonly timeoutMs?: number;
  /**
   * Directory, on a local disk, that caches the last good document, so that a restart without the network mount that
   * holds `path` keeps the switch positions. Created if missing; may be shared. Default: no cache; a local file needs none.
   */
  readonly cacheDirectory?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const DEFAULT_INTERVAL_MS = 250;
const DEFAULT_TIMEOUT_MS = 2000;
const MAX_BYTES = 1_048_576;

/**
 * A flag source that reads a file. It reads the content at each interval instead of trusting file events or times, so it
 * works with atomic replacement, files that come and go, network file systems and mounted Kubernetes volumes.
 * While the file is missing, unreadable or broken, it keeps the last good document and reports the problem.
 * @throws {@link ConfigError} when an option is wrong.
 * @example
 * const flags = createFileSource({ path: './flags.json' });
 */
export function createFileSource(options: FileSourceOptions): PolledFlagSource {
  checkOptions('file source', options);
  const {
    path,
    intervalMs = DEFAULT_INTERVAL_MS,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    cacheDirectory,
    now = Date.now,
  } = options;
  const run = createExclusiveRunner(timeoutMs);
  return createPolledSource({
    store: {
      poll: async () => ({ result: await readResult(path, run), intervalMs, nextPollMs: intervalMs }),
      close() {},
    },
    intervalMs,
    now,
    source: fileName(path),
    cache:
      cacheDirectory === undefined
        ? undefined
        : createDiskCache(cacheDirectory, { source: 'file', path: resolve(path) }, now),
  });
}

async function readResult(path: string, run: ExclusiveRunner): Promise<PollResult> {
  try {
    const bytes = await run(() => readFlagFile(path, MAX_BYTES));
    return { kind: 'document', text: decodeText(bytes), version: null };
  } catch (error) {
    return failed(error instanceof UnavailableError ? error.message : describeFileFailure(path, error));
  }
}

function failed(problem: string): PollResult {
  return { kind: 'failed', problem };
}
