import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileSource } from '@crossfade/flags/file';
import { holdThreadPool } from '../../packages/flags/test/fixture/hold-thread-pool.ts';
import type { FaultyStore, StoreFault } from './faulty-store.ts';

const SPOILT: Readonly<Partial<Record<StoreFault, string>>> = {
  html: '<!doctype html><html><title>Sign in to the network</title></html>',
  'broken json': '{"issue-target":{"enabled":true,"percent":9}',
  'cut off': '{"issue-target":{"ena',
  empty: '',
};

/** A file in a folder of its own. It is slow as a network mount is that hangs: no file operation ends. */
export async function createFaultyFile(now: () => number): Promise<FaultyStore> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-faults-'));
  const path = join(folder, 'flags.json');
  const aside = join(folder, 'aside.json');
  let content = '';
  let mend = async () => {};
  return {
    open: (cacheDirectory) => createFileSource({ path, cacheDirectory, intervalMs: 20, timeoutMs: 300, now }),
    async publish(flags) {
      content = JSON.stringify(flags);
      await writeFile(path, content);
    },
    async inflict(fault) {
      const spoilt = SPOILT[fault];
      if (fault === 'slow') {
        mend = holdThreadPool(folder);
      } else if (fault === 'down') {
        await rename(path, aside);
        mend = () => rename(aside, path);
      } else if (spoilt !== undefined) {
        await writeFile(path, spoilt);
        mend = () => writeFile(path, content);
      }
    },
    async repair() {
      await mend();
      mend = async () => {};
    },
    advance() {},
    async close() {
      await mend();
      await rm(folder, { recursive: true });
    },
  };
}
