import { realpath, stat } from 'node:fs/promises';
import { errorCode } from '@crossfade/core';
import { replaceAtomically } from './replace-atomically.ts';

const NEW_FILE_MODE = 0o644;
const PERMISSION_BITS = 0o777;

/**
 * Replaces a file's content so that every reader sees all of the old content or all of the new. Keeps the file's mode,
 * follows a symbolic link, and is on disk when it resolves.
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
