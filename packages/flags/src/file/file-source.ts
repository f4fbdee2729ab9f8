import { constants, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Clock } from '@crossfade/core';
import { type BoundedWork, createBoundedWork } from '../disk-cache/bounded-work.ts';
import { decodeText } from '../disk-cache/decode-text.ts';
import { createKeptCopy } from '../disk-cache/disk-cache.ts';
import { describeFileFailure } from '../disk-cache/file-failure.ts';
import type { Finding } from '../disk-cache/last-good.ts';
import { checkOptions } from '../polling/check-options.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';

export interface FileSourceOptions {
  /** Path of the flag document. It need not exist yet. */
  readonly path: string;
  /** How often the file is read, in ms. Default: 250. */
  readonly intervalMs?: number;
  /** How long one reading may take, in ms, as on a network mount that hangs. Default: 2 s. */
  readonly timeoutMs?: number;
  /**
   * Folder, on a local disk, for a copy of the last good document, so that a restart without the network mount that holds
   * `path` keeps the switch positions. Made when missing; may be shared. Default: no copy, as a local file needs none.
   */
  readonly keepIn?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const DEFAULT_INTERVAL_MS = 250;
const DEFAULT_TIMEOUT_MS = 2000;
const MAX_BYTES = 1_048_576;

/**
 * A flag source that reads a file. It reads the content at each interval rather than trusting file events or times, so
 * it sees atomic replacement, files that come and go, network file systems and mounted Kubernetes volumes alike.
 * A file that is missing, unreadable or broken changes nothing: the last good document stays, with the problem reported.
 * @throws {@link ConfigError} when an option is wrong.
 * @example
 * const flags = createFileSource({ path: './flags.json' });
 */
export function createFileSource(options: FileSourceOptions): PolledFlagSource {
  checkOptions('file source', options);
  const { path, intervalMs = DEFAULT_INTERVAL_MS, timeoutMs = DEFAULT_TIMEOUT_MS, keepIn, now = Date.now } = options;
  const bounded = createBoundedWork(timeoutMs);
  return createPolledSource({
    store: {
      look: async () => ({ finding: await readFinding(path, bounded), intervalMs, nextLookMs: intervalMs }),
      close() {},
    },
    intervalMs,
    now,
    copy: keepIn === undefined ? undefined : createKeptCopy(keepIn, { source: 'file', path: resolve(path) }, now),
  });
}

async function readFinding(path: string, bounded: BoundedWork): Promise<Finding> {
  try {
    return await bounded(() => read(path));
  } catch (error) {
    return failed(describeFileFailure(path, error));
  }
}

async function read(path: string): Promise<Finding> {
  // Without O_NONBLOCK a pipe at this path would hold the read, and a thread, for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return failed(`${path} is not a file`);
    if (stats.size > MAX_BYTES) return failed(`${path} is larger than 1 MiB`);
    return { kind: 'document', text: decodeText(await file.readFile()), version: null };
  } finally {
    await file.close();
  }
}

function failed(problem: string): Finding {
  return { kind: 'failed', problem };
}
