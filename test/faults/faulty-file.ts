import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileSource } from '@crossfade/flags/file';
import { holdThreadPool } from '../../packages/flags/test/fixture/hold-thread-pool.ts';
import type { FaultyStore, StoreFault } from './faulty-store.ts';

const FAULTY_CONTENT: Readonly<Partial<Record<StoreFault, string>>> = {
  html: '<!doctype html><html><title>Sign in to the network</title></html>',
  'broken json': '{"issue-target":{"enabled":true,"percent":9}',
  'cut off': '{"issue-target":{"ena',
  empty: '',
};

/** Creates a file in its own directory. It is slow like a hung network mount: no file operation ends. */
export async function createFaultyFile(now: () => number): Promise<FaultyStore> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-faults-'));
  const path = join(folder, 'flags.json');
  const aside = join(folder, 'aside.json');
  let content = '';
  let undo = async () => {};
  return {
    open: (cacheDirectory) => createFileSource({ path, cacheDirectory, intervalMs: 20, timeoutMs: 300, now }),
    async publish(flags) {
      content = JSON.stringify(flags);
      await writeFile(path, content);
    },
    async inflict(fault) {
      const faulty = FAULTY_CONTENT[fault];
      if (fault === 'slow') {
        undo = holdThreadPool(folder);
      } else if (fault === 'down') {
        await rename(path, aside);
        undo = () => rename(aside, path);
      } else if (faulty !== undefined) {
        await writeFile(path, faulty);
        undo = () => writeFile(path, content);
      }
    },
    async repair() {
      await undo();
      undo = async () => {};
    },
    advance() {},
    async close() {
      await undo();
      await rm(folder, { recursive: true });
    },
  };
}
