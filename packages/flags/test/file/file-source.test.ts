import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createFileSource } from '../../src/file/file-source.ts';
import type { PolledFlagSource } from '../../src/polling/polled-source.ts';
import { hangDisk } from '../fixture/hung-disk.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const OFF = '{"issue-target":{"enabled":false}}';
const at = (percent: number) => JSON.stringify({ 'issue-target': { enabled: true, percent } });

async function open(path: string): Promise<PolledFlagSource> {
  const source = createFileSource({ path, intervalMs: 10 });
  onTestFinished(() => source.close());
  await source.firstPoll;
  return source;
}

function seen(source: PolledFlagSource, percent: number): Promise<void> {
  return vi.waitFor(() => expect(source.snapshot().document.issuance.percent).toBe(percent), { interval: 5 });
}

it('sees every atomic replacement of the file', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, OFF);
  const source = await open(path);
  for (const percent of [10, 20, 30]) {
    writeFileSync(`${path}.new`, at(percent));
    renameSync(`${path}.new`, path);
    await seen(source, percent);
  }
});

it('sees a change that keeps size and modification time', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  const long = new Date('2026-01-01');
  writeFileSync(path, at(10));
  utimesSync(path, long, long);
  const source = await open(path);
  writeFileSync(path, at(20));
  utimesSync(path, long, long);
  await seen(source, 20);
});

it('follows a symbolic link that is swapped, as in a mounted ConfigMap', async () => {
  const folder = temporaryFolder();
  for (const [name, percent] of [
    ['v1', 10],
    ['v2', 20],
  ] as const) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'flags.json'), at(percent));
  }
  symlinkSync('v1', join(folder, 'data'));
  const source = await open(join(folder, 'data', 'flags.json'));
  expect(source.snapshot().document.issuance.percent).toBe(10);
  symlinkSync('v2', join(folder, 'data.new'));
  renameSync(join(folder, 'data.new'), join(folder, 'data'));
  await seen(source, 20);
});

it('sees what an editor saves and ignores its swap and backup files', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'flags.json');
  writeFileSync(path, at(10));
  const source = await open(path);
  const percents = new Set<number>();
  source.subscribe(({ document }) => percents.add(document.issuance.percent));
  // Like vim: a swap file while it is open, then the file moved to a backup and written again.
  writeFileSync(join(folder, '.flags.json.swp'), at(99));
  writeFileSync(join(folder, '4913'), '');
  unlinkSync(join(folder, '4913'));
  renameSync(path, `${path}~`);
  await vi.waitFor(() => expect(source.snapshot().problem).toMatch(/does not exist$/), { interval: 5 });
  writeFileSync(path, at(20));
  unlinkSync(`${path}~`);
  await seen(source, 20);
  // Like emacs and most others: a lock file, and another file renamed over the original.
  symlinkSync('ada@host.1:1', join(folder, '.#flags.json'));
  writeFileSync(join(folder, '#flags.json#'), at(98));
  writeFileSync(join(folder, '.flags.json.tmp'), at(30));
  renameSync(join(folder, '.flags.json.tmp'), path);
  await seen(source, 30);
  expect([...percents]).toEqual([10, 20, 30]);
});

it('restores the cached position when the mount of the file is missing at the next start', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  const cacheDirectory = temporaryFolder();
  writeFileSync(path, at(40));
  const before = createFileSource({ path, cacheDirectory });
  await before.firstPoll;
  before.close();
  unlinkSync(path);
  const source = createFileSource({ path, cacheDirectory });
  onTestFinished(() => source.close());
  await source.firstPoll;
  expect(source.snapshot()).toMatchObject({ document: { issuance: { percent: 40 } }, stale: true });
  expect(source.snapshot().problem).toMatch(/does not exist; the flags come from the disk cache$/);
  const other = createFileSource({ path: `${path}.other`, cacheDirectory });
  onTestFinished(() => other.close());
  await other.firstPoll;
  expect(other.snapshot().document.issuance.percent).toBe(0);
});

it('reads a document with a byte order mark', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, `\uFEFF${at(40)}`);
  expect((await open(path)).snapshot().document.issuance.percent).toBe(40);
});

it.each([
  ['a missing file', () => {}, /does not exist$/],
  ['a directory', (path: string) => mkdirSync(path), /is a directory$/],
  ['a pipe without a writer', (path: string) => execFileSync('sh', ['-c', 'mkfifo "$0"', path]), /is not a file$/],
  ['a file over 1 MiB', (path: string) => writeFileSync(path, ' '.repeat(1_048_577)), /is larger than 1 MiB$/],
  ['an empty file', (path: string) => writeFileSync(path, ''), /is not a JSON object$/],
  [
    'bytes that are not UTF-8',
    (path: string) => writeFileSync(path, Buffer.from([0xff, 0xfe])),
    /is not a JSON object$/,
  ],
  ['a list', (path: string) => writeFileSync(path, '[]'), /is not a JSON object$/],
])('keeps the defaults and reports %s', async (_name, prepare, problem) => {
  const path = join(temporaryFolder(), 'flags.json');
  prepare(path);
  const source = await open(path);
  expect(source.snapshot()).toMatchObject({
    document: { acceptance: 'both' },
    problem: expect.stringMatching(problem),
  });
});

it('never loses the position to a partial write', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, at(50));
  const source = await open(path);
  const percents = new Set<number>();
  source.subscribe(({ document }) => percents.add(document.issuance.percent));
  const refusals = () => source.refreshes().refused + source.refreshes().failed;
  writeFileSync(path, at(60).slice(0, 20));
  await vi.waitFor(() => expect(refusals()).toBeGreaterThan(0), { interval: 5 });
  unlinkSync(path);
  await vi.waitFor(() => expect(source.refreshes().failed).toBeGreaterThan(0), { interval: 5 });
  writeFileSync(path, at(60));
  await seen(source, 60);
  expect([...percents]).toEqual([50, 60]);
});

it('does not wait for a mount that hangs, and recovers when it responds', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  writeFileSync(path, at(50));
  const source = createFileSource({ path, intervalMs: 10, timeoutMs: 50 });
  onTestFinished(() => source.close());
  await source.firstPoll;
  const disk = hangDisk();
  const hung = () => expect(source.snapshot().problem).toBe(`${path} did not respond in time`);
  await vi.waitFor(hung, { interval: 5 });
  const { failed } = source.refreshes();
  await vi.waitFor(() => expect(source.refreshes().failed).toBeGreaterThan(failed + 2), { interval: 5 });
  expect(source.snapshot().document.issuance.percent).toBe(50);
  await disk.release();
  writeFileSync(path, at(60));
  await seen(source, 60);
  expect(source.snapshot().problem).toBeUndefined();
});
