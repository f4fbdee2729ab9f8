import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDiskCache, type DiskCache } from '../../src/disk-cache/disk-cache.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const ORDERS = { source: 'appconfig', application: 'orders', environment: 'prod', profile: 'crossfade' };
const FLAGS = { text: '{"accept-legacy":{"enabled":false}}', version: '7', confirmedAtMs: 1000 };
const LATER = { text: '{"accept-legacy":{"enabled":true}}', version: '8', confirmedAtMs: 2000 };
const now = () => 10_000;

async function saved(): Promise<DiskCache> {
  const cache = createDiskCache(temporaryFolder(), ORDERS, now);
  await cache.save(FLAGS);
  return cache;
}

it('loads what was saved', async () => {
  const cache = await saved();
  expect(await cache.load()).toEqual({ kind: 'flags', flags: FLAGS });
  const unversioned = { text: '{}', version: null, confirmedAtMs: 1001 };
  expect(await cache.save(unversioned)).toBe('saved');
  expect(await cache.load()).toEqual({ kind: 'flags', flags: unversioned });
});

it('is empty at first', async () => {
  expect(await createDiskCache(join(temporaryFolder(), 'not', 'there'), ORDERS, now).load()).toEqual({ kind: 'none' });
});

it('creates a directory and a file that only the owner can access, and no other file', async () => {
  const folder = join(temporaryFolder(), 'state', 'crossfade');
  const cache = createDiskCache(folder, ORDERS, now);
  await cache.save(FLAGS);
  await cache.save(FLAGS);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(cache.path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([cache.path]);
});

it('restores the file mode after another user widened it', async () => {
  const cache = await saved();
  chmodSync(cache.path, 0o666);
  await cache.save(FLAGS);
  expect(statSync(cache.path).mode & 0o777).toBe(0o600);
});

it.each([
  ['application', { ...ORDERS, application: 'billing' }],
  ['environment', { ...ORDERS, environment: 'test' }],
  ['profile', { ...ORDERS, profile: 'other' }],
  ['region', { ...ORDERS, region: 'eu-central-1' }],
  ['source', { ...ORDERS, source: 'agent' }],
  ['names run together', { ...ORDERS, application: 'orders/prod', environment: '' }],
])('does not load the document of another %s in the same directory', async (_name, other) => {
  const folder = temporaryFolder();
  const cache = createDiskCache(folder, ORDERS, now);
  const foreign = createDiskCache(folder, other, now);
  await cache.save(FLAGS);
  expect(await foreign.load()).toEqual({ kind: 'none' });
  renameSync(cache.path, foreign.path);
  expect(await foreign.load()).toEqual({ kind: 'unusable', problem: `${foreign.path} belongs to another location` });
});

it('rejects a file that is cut off at any length', async () => {
  const cache = await saved();
  const { size } = statSync(cache.path);
  const kinds = new Set<string>();
  for (let length = size - 1; length >= 0; length -= 1) {
    truncateSync(cache.path, length);
    kinds.add((await cache.load()).kind);
  }
  expect([...kinds]).toEqual(['unusable']);
});

type Spoil = (path: string) => void;
const rewrite = (change: (content: object) => object): Spoil => {
  return (path) => writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
};

it.each([
  ['zeros, which a crash can leave', (path) => writeFileSync(path, Buffer.alloc(64)), /is damaged$/],
  ['a plain flag document', (path) => writeFileSync(path, FLAGS.text), /is not a cached flag document/],
  ['a future format', rewrite((content) => ({ ...content, format: 2 })), /is not a cached flag document/],
  ['an unreadable document', rewrite((content) => ({ ...content, text: '{' })), /no readable flag document$/],
  ['a file that all users can write', (path) => chmodSync(path, 0o602), /can be written by another user$/],
  ['a file of 20 MB', (path) => truncateSync(path, 20_000_000), /is larger than 16 MiB$/],
] as [string, Spoil, RegExp][])('does not use %s', async (_name, spoil, problem) => {
  const cache = await saved();
  spoil(cache.path);
  expect(await cache.load()).toEqual({ kind: 'unusable', problem: expect.stringMatching(problem) });
});

it('uses a file that its group can write, as in Kubernetes volumes', async () => {
  const cache = await saved();
  chmodSync(cache.path, 0o660);
  expect(await cache.load()).toMatchObject({ kind: 'flags' });
});

it.skipIf(process.getuid?.() !== 0)("does not use another user's file", async () => {
  const cache = await saved();
  chownSync(cache.path, 12_345, 0);
  expect(await cache.load()).toMatchObject({ problem: expect.stringMatching(/can be written by another user$/) });
});

it('does not follow a link', async () => {
  const cache = await saved();
  renameSync(cache.path, `${cache.path}.aside`);
  symlinkSync(`${cache.path}.aside`, cache.path);
  await expect(cache.load()).rejects.toMatchObject({ code: 'ELOOP' });
  await cache.save(FLAGS);
  expect(await cache.load()).toMatchObject({ kind: 'flags' });
});

it('does not wait for a pipe', async () => {
  const cache = createDiskCache(temporaryFolder(), ORDERS, now);
  execFileSync('mkfifo', [cache.path]);
  expect(await cache.load()).toMatchObject({ problem: expect.stringMatching(/is not a file$/) });
});

it('rejects with the reason when its directory cannot be created', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(createDiskCache(join(file, 'state'), ORDERS, now).save(FLAGS)).rejects.toMatchObject({
    code: 'ENOTDIR',
  });
});

it('leaves no temporary file behind when the rename fails', async () => {
  const folder = temporaryFolder();
  const cache = createDiskCache(folder, ORDERS, now);
  mkdirSync(join(cache.path, 'inside'), { recursive: true });
  await expect(cache.save(FLAGS)).rejects.toThrow();
  expect(readdirSync(folder)).toHaveLength(1);
});

it('keeps the document that was confirmed last, whichever process writes last', async () => {
  const cache = await saved();
  expect(await cache.save(LATER)).toBe('saved');
  expect(await cache.save(FLAGS)).toBe('outdated');
  expect(await cache.load()).toEqual({ kind: 'flags', flags: LATER });
  expect(await cache.save({ ...FLAGS, confirmedAtMs: 3000 })).toBe('saved');
  expect(await cache.load()).toMatchObject({ flags: { version: '7' } });
});

it('overwrites a document with a confirmation time in the future', async () => {
  const cache = await saved();
  await cache.save({ ...LATER, confirmedAtMs: 99_000 });
  expect(await cache.save({ ...FLAGS, confirmedAtMs: 9000 })).toBe('saved');
  expect(await cache.load()).toMatchObject({ flags: { version: '7' } });
});

it('waits for another process that is writing, but not for one that died', async () => {
  const cache = await saved();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const since = new Date(now()).toISOString();
  writeFileSync(`${cache.path}.lock`, JSON.stringify({ pid, host: hostname(), since }));
  expect(await cache.save(LATER)).toBe('saved');
  expect(existsSync(`${cache.path}.lock`)).toBe(false);
});
