import { randomUUID } from 'node:crypto';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '@crossfade/core';

const NEW_FILE_MODE = 0o644;
const PERMISSION_BITS = 0o777;

/**
 * Replaces a file's content atomically: readers see all of the old content or all of the new. Keeps the file's mode and
 * follows a symbolic link. Resolves once the file is on disk.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const { target, mode } = await examine(path);
  await replaceAtomically(target, text, mode);
}

async function examine(path: string): Promise<{ readonly target: string; readonly mode: number }> {
  try {
    const target = await realpath(path);
    return { target, mode: (await stat(target)).mode & PERMISSION_BITS };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { target: path, mode: NEW_FILE_MODE };
    throw error;
  }
}

/**
 * Puts a file with this content and mode at `path`, whatever was there: readers see all of the old content or all of the
 * new. Replaces a symbolic link instead of following it. Resolves once the file is on disk.
 */
export async function replaceAtomically(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      // The mode given to `open` is narrowed by the process's umask.
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes the rename itself survive a crash, where the system supports it. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path);
    await directory.sync().finally(() => directory.close());
  } catch {
    // Some systems cannot open or sync a directory; the file itself is on disk.
  }
}
