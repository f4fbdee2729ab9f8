import { createHash } from 'node:crypto';
import { constants, type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, errorCode, parseFlagDocument } from '@crossfade/core';
import { z } from 'zod';
import { takeFileLock } from './file-lock.ts';
import { replaceAtomically } from './replace-file.ts';

/** A good flag document as its store returned it. */
export interface CachedFlags {
  readonly text: string;
  /** The store's own version; `null` if it has none. */
  readonly version: string | null;
  /** Start of the poll that returned it, in epoch ms. */
  readonly confirmedAtMs: number;
}

/** What the cache file holds. `problem` never holds flag content. */
export type CacheContent =
  | { readonly kind: 'none' }
  | { readonly kind: 'flags'; readonly flags: CachedFlags }
  | { readonly kind: 'unusable'; readonly problem: string };

/**
 * Stores the last good document of one location on disk. Processes may share it. Both methods reject with the system's
 * own errors.
 */
export interface DiskCache {
  readonly path: string;
  load(): Promise<CacheContent>;
  /** `saved`: it is on disk. `outdated`: the cache keeps a document that another process received later. */
  save(flags: CachedFlags): Promise<'saved' | 'outdated'>;
}

/** Identifies the cached document: every setting that tells one store's document from another's. */
export type CacheLocation = Readonly<Record<string, string | undefined>>;

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const WRITABLE_BY_OTHERS = 0o002;
// Well above the largest AppConfig document, escaped.
const MAX_BYTES = 16_777_216;
const ROOT = 0;

const content = z.strictObject({
  format: z.literal(1),
  location: z.record(z.string(), z.string()),
  version: z.string().nullable(),
  confirmedAtMs: z.number(),
  text: z.string(),
});

export function createDiskCache(folder: string, location: CacheLocation, now: Clock): DiskCache {
  const key = JSON.stringify(location);
  const path = join(folder, `crossfade-flags-${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);

  async function replace({ text, version, confirmedAtMs }: CachedFlags): Promise<'saved' | 'outdated'> {
    const cached = await load(path, key).catch(() => undefined);
    if (cached?.kind === 'flags') {
      if (cached.flags.text === text) return 'saved';
      // A time in the future was written with a wrong clock.
      const isLater = cached.flags.confirmedAtMs > confirmedAtMs && cached.flags.confirmedAtMs <= now();
      if (isLater) return 'outdated';
    }
    await replaceAtomically(path, JSON.stringify({ format: 1, location, version, confirmedAtMs, text }), FILE_MODE);
    return 'saved';
  }

  return {
    path,
    load: () => load(path, key),
    async save(flags) {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      // Two processes may compare and replace at the same time: the older document must not win.
      const lock = await takeFileLock(`${path}.lock`, 'emergency', now);
      try {
        return await replace(flags);
      } finally {
        await lock.release();
      }
    },
  };
}

async function load(path: string, key: string): Promise<CacheContent> {
  let file: FileHandle;
  try {
    // Crossfade never creates a link or a pipe here, and reading a pipe would block for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'none' };
    throw error;
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return unusable(path, 'is not a file');
    if (!isTrusted(stats)) return unusable(path, 'can be written by another user');
    if (stats.size > MAX_BYTES) return unusable(path, 'is larger than 16 MiB');
    return read(path, await file.readFile('utf8'), key);
  } finally {
    await file.close();
  }
}

/**
 * Whether only trusted users can write the file: it can open or close the API. Its group is trusted, because Kubernetes
 * gives a volume's files to its `fsGroup`.
 */
function isTrusted({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  const self = process.getuid?.();
  return self === undefined || ((uid === self || uid === ROOT) && (mode & WRITABLE_BY_OTHERS) === 0);
}

function read(path: string, text: string, key: string): CacheContent {
  const { data } = content.safeParse(parseJson(text));
  if (data === undefined) return unusable(path, 'is not a cached flag document or is damaged');
  if (JSON.stringify(data.location) !== key) return unusable(path, 'belongs to another location');
  if (!parseFlagDocument(data.text).ok) return unusable(path, 'contains no readable flag document');
  const { text: cachedText, version, confirmedAtMs } = data;
  return { kind: 'flags', flags: { text: cachedText, version, confirmedAtMs } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(path: string, what: string): CacheContent {
  return { kind: 'unusable', problem: `${path} ${what}` };
}
