import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** Takes every thread of Node's pool with pipes that nobody writes to: no file operation ends until it is released. */
export function hangDisk(): { release(): Promise<void> } {
  const folder = temporaryFolder();
  const pipes = Array.from({ length: Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) }, (_, n) => join(folder, `${n}`));
  execFileSync('mkfifo', pipes);
  const openings = pipes.map((pipe) => open(pipe, constants.O_RDONLY));
  let released: Promise<void> | undefined;

  async function release(): Promise<void> {
    // Opened both ways, a pipe waits for nobody, and its readers wait no more.
    const writers = pipes.map((pipe) => openSync(pipe, constants.O_RDWR));
    for (const reader of await Promise.all(openings)) await reader.close();
    writers.forEach(closeSync);
  }

  const hung = {
    release() {
      released ??= release();
      return released;
    },
  };
  onTestFinished(hung.release);
  return hung;
}
