import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileSource } from '@crossfade/flags/file';
import type { StoreUnderTest } from './store-under-test.ts';

/** Creates a file in its own directory. It breaks down by moving away. */
export async function createFileStore(): Promise<StoreUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-contract-'));
  const path = join(folder, 'flags.json');
  const aside = join(folder, 'aside.json');
  return {
    open: (cacheDirectory) =>
      createFileSource({ path, intervalMs: 20, ...(cacheDirectory !== undefined && { cacheDirectory }) }),
    publish: (flags) => writeFile(path, JSON.stringify(flags)),
    publishGarbage: () => writeFile(path, '{"issue-target": {"ena'),
    breakDown: () => rename(path, aside),
    repair: () => rename(aside, path),
    close: () => rm(folder, { recursive: true }),
  };
}
