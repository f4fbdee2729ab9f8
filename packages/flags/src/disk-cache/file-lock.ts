import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, ConflictError, errorCode, formatInstant } from '@crossfade/core';
import { z } from 'zod';

/** A lock that is held. `broke` names the owner of the lock that was broken to get this one. */
export interface FileLock {
  readonly broke?: string;
  release(): Promise<void>;
}

const ownerSchema = z.object({ pid: z.int().positive(), host: z.string(), since: z.iso.datetime() });
type Owner = z.infer<typeof ownerSchema>;

const RETRY_MS = 50;
const EMERGENCY_PATIENCE_MS = 2000;

/**
 * Takes the lock file `path`, which records its owner's process id, host and time. Breaks a lock whose owner has died on
 * this host; in an emergency also one that is still held after two seconds.
 * @throws {@link ConflictError} when the lock is held; names the owner.
 */
export async function takeFileLock(path: string, urgency: 'planned' | 'emergency', now: Clock): Promise<FileLock> {
  const own = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    since: formatInstant(now()),
    id: randomUUID(),
  });
  let broke: string | undefined;
  for (let waitedMs = 0; !(await create(path, own)); ) {
    const held = await readLock(path);
    if (held === undefined) continue;
    const owner = parseOwner(held);
    const isDead = owner !== undefined && owner.host === hostname() && !isRunning(owner.pid);
    if (!isDead && urgency === 'planned') {
      throw new ConflictError(`${describeOwner(owner)} is writing; if that process no longer runs, remove ${path}`);
    }
    if (!isDead && waitedMs < EMERGENCY_PATIENCE_MS) {
      waitedMs += RETRY_MS;
      await delay(RETRY_MS);
    } else if (await breakLock(path, held)) {
      broke = `the lock of ${describeOwner(owner)}`;
    }
  }
  const release = async () => {
    if ((await readLock(path)) === own) await unlink(path);
  };
  return broke === undefined ? { release } : { broke, release };
}

async function create(path: string, content: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx');
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(content);
    return true;
  } catch (error) {
    // A full disk takes the name but not the content. An empty lock would make every later writer wait for its owner.
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moves the lock away, and puts it back if it is not the expected one. */
async function breakLock(path: string, expected: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
  const isExpected = (await readLock(aside)) === expected;
  if (!isExpected) await link(aside, path).catch(() => undefined);
  await unlink(aside);
  return isExpected;
}

function parseOwner(content: string): Owner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}

function describeOwner(owner: Owner | undefined): string {
  return owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host} (since ${owner.since})`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
