import { createHash } from 'node:crypto';
import { constants, type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, errorCode, parseFlagDocument } from '@crossfade/core';
import { z } from 'zod';
import { takeFileLock } from './file-lock.ts';
import { replaceAtomically } from './replace-atomically.ts';

/** A good flag document as its store delivered it. */
export interface KeptFlags {
  readonly text: string;
  /** The store's own version; `null` when it named none. */
  readonly version: string | null;
  /** When the store was asked, in ms, that answered with it. */
  readonly confirmedAtMs: number;
}

/** What a copy turned out to be. `problem` never holds flag content. */
export type LoadedCopy =
  | { readonly kind: 'none' }
  | { readonly kind: 'flags'; readonly flags: KeptFlags }
  | { readonly kind: 'unusable'; readonly problem: string };

/**
 * A copy, on disk, of the last good document of one location, which processes may share. Both methods reject with the
 * system's own errors.
 */
export interface KeptCopy {
  readonly path: string;
  load(): Promise<LoadedCopy>;
  /** `saved`: it is on disk. `outdated`: there is another that a process was given later, and that stays. */
  save(flags: KeptFlags): Promise<'saved' | 'outdated'>;
}

/** Whose flags a copy holds: every setting that tells one store's document from another's. */
export type CopyLocation = Readonly<Record<string, string | undefined>>;

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const WRITABLE_BY_OTHERS = 0o002;
// Well above the largest document of AppConfig, escaped.
const MAX_BYTES = 16_777_216;
const ROOT = 0;

const content = z.strictObject({
  format: z.literal(1),
  location: z.record(z.string(), z.string()),
  version: z.string().nullable(),
  confirmedAtMs: z.number(),
  text: z.string(),
});

export function createKeptCopy(folder: string, location: CopyLocation, now: Clock): KeptCopy {
  const key = JSON.stringify(location);
  const path = join(folder, `crossfade-flags-${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);

  async function replace({ text, version, confirmedAtMs }: KeptFlags): Promise<'saved' | 'outdated'> {
    const standing = await load(path, key).catch(() => undefined);
    if (standing?.kind === 'flags') {
      if (standing.flags.text === text) return 'saved';
      // A time to come was written while a clock was wrong.
      const isLater = standing.flags.confirmedAtMs > confirmedAtMs && standing.flags.confirmedAtMs <= now();
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
      // Of two processes that compare and replace at the same time, the one with less news must not be the last.
      const lock = await takeFileLock(`${path}.lock`, 'emergency', now);
      try {
        return await replace(flags);
      } finally {
        await lock.release();
      }
    },
  };
}

async function load(path: string, key: string): Promise<LoadedCopy> {
  let file: FileHandle;
  try {
    // A link or a pipe was not made by us, and a pipe would hold the read for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'none' };
    throw error;
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return unusable(path, 'is not a file');
    if (!isTrusted(stats)) return unusable(path, 'could be written by another user');
    if (stats.size > MAX_BYTES) return unusable(path, 'is larger than 16 MiB');
    return read(path, await file.readFile('utf8'), key);
  } finally {
    await file.close();
  }
}

/** Who can write the copy can open or close the API. A group may: Kubernetes gives a volume's files to its `fsGroup`. */
function isTrusted({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  const self = process.getuid?.();
  return self === undefined || ((uid === self || uid === ROOT) && (mode & WRITABLE_BY_OTHERS) === 0);
}

function read(path: string, text: string, key: string): LoadedCopy {
  const { data } = content.safeParse(parseJson(text));
  if (data === undefined) return unusable(path, 'is no copy of a flag document, or is damaged');
  if (JSON.stringify(data.location) !== key) return unusable(path, 'is of another location');
  if (!parseFlagDocument(data.text).ok) return unusable(path, 'holds no readable flag document');
  const { text: kept, version, confirmedAtMs } = data;
  return { kind: 'flags', flags: { text: kept, version, confirmedAtMs } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(path: string, what: string): LoadedCopy {
  return { kind: 'unusable', problem: `${path} ${what}` };
}
