import { randomUUID } from 'node:crypto';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileErrorCode } from './file-failure.ts';

const NEW_FILE_MODE = 0o644;
const PERMISSION_BITS = 0o777;

/**
 * Replaces a file's content so that every reader sees all of the old content or all of the new. Keeps the file's mode,
 * follows a symbolic link, and is on disk when it resolves.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const { target, mode } = await examine(path);
  const temporary = `${target}.${randomUUID()}.tmp`;
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
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(target));
}

async function examine(path: string): Promise<{ readonly target: string; readonly mode: number }> {
  try {
    const target = await realpath(path);
    return { target, mode: (await stat(target)).mode & PERMISSION_BITS };
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return { target: path, mode: NEW_FILE_MODE };
    throw error;
  }
}

/** Makes the rename itself survive a crash, where the system can. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path);
    await directory.sync().finally(() => directory.close());
  } catch {
    // Some systems can't open or sync a directory; the file itself is on disk.
  }
}
