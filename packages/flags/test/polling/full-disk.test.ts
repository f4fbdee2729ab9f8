import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runOnFullDisk } from '../fixture/full-disk.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const PROGRAM = `
import { once } from 'node:events';
import { createDiskCache } from 'dist/disk-cache/disk-cache.js';
import { createPolledSource } from 'dist/polling/polled-source.js';

const results = [
  { kind: 'document', text: '{"accept-legacy":{"enabled":false}}', version: '1' },
  { kind: 'failed', problem: 'AppConfig is down' },
  { kind: 'failed', problem: 'AppConfig is down' },
  { kind: 'unchanged' },
];
const seen = [];
const startedMs = performance.now();
let recorded = () => {};
const store = {
  async poll() {
    return { result: results.shift() ?? { kind: 'unchanged' }, intervalMs: 10, nextPollMs: 10 };
  },
  close() {},
};
const cache = createDiskCache(process.argv[1], { application: 'orders' }, Date.now);
const source = createPolledSource({ source: 'test', store, intervalMs: 10, now: Date.now, cache });
source.subscribe(({ problem }) => {
  seen.push({ problem, afterMs: performance.now() - startedMs });
  recorded();
});
const holdOpen = setInterval(() => {}, 1000);
while (seen.length < 3) await new Promise((resolve) => (recorded = resolve));
source.close();
clearInterval(holdOpen);
process.stdout.write(JSON.stringify(seen));
`;

it('a full disk and a store that is down are both reported, the store first, and without a delay', () => {
  const folder = join(temporaryFolder(), 'state');
  mkdirSync(folder);
  const seen = runOnFullDisk(PROGRAM, folder) as { problem: string; afterMs: number }[];
  const notCached = /the flags are not cached on disk: .* is larger than this process may write$/;
  expect(seen.map(({ problem }) => problem)).toEqual([
    expect.stringMatching(new RegExp(`^${notCached.source}`)),
    expect.stringMatching(new RegExp(`^AppConfig is down; ${notCached.source}`)),
    expect.stringMatching(new RegExp(`^${notCached.source}`)),
  ]);
  // A lock left behind by the first attempt would hold up each later one by two seconds.
  expect(seen.at(-1)?.afterMs).toBeLessThan(1500);
  expect(readdirSync(folder)).toEqual([]);
});
