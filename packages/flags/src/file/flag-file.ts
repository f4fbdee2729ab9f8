import { constants, open } from 'node:fs/promises';
import { UnavailableError } from '@crossfade/core';

/**
 * Reads the bytes of a flag file.
 * @throws `UnavailableError` when it is no file or larger than `maxBytes`; else the error of the file operation.
 */
export async function readFlagFile(path: string, maxBytes = Number.POSITIVE_INFINITY): Promise<Buffer> {
  // Without O_NONBLOCK a pipe at this path would block the read, and a thread, for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new UnavailableError(`${path} is a directory`);
    if (!stats.isFile()) throw new UnavailableError(`${path} is not a file`);
    if (stats.size > maxBytes) throw new UnavailableError(`${path} is larger than 1 MiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
