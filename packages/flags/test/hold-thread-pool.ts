import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Takes every thread of Node's pool with pipes, in `folder`, that nobody writes to: no file operation ends until the
 * function it returns is called.
 */
export function holdThreadPool(folder: string): () => Promise<void> {
  const place = mkdtempSync(join(folder, 'pipes-'));
  const pipes = Array.from({ length: Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) }, (_, n) => join(place, `${n}`));
  execFileSync('mkfifo', pipes);
  const openings = pipes.map((pipe) => open(pipe, constants.O_RDONLY));
  let released: Promise<void> | undefined;

  async function release(): Promise<void> {
    // Opened both ways, a pipe waits for nobody, and its readers wait no more.
    const writers = pipes.map((pipe) => openSync(pipe, constants.O_RDWR));
    for (const reader of await Promise.all(openings)) await reader.close();
    writers.forEach(closeSync);
  }

  return () => {
    released ??= release();
    return released;
  };
}
