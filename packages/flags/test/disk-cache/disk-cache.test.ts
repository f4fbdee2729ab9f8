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
import { createKeptCopy, type KeptCopy } from '../../src/disk-cache/disk-cache.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const ORDERS = { source: 'appconfig', application: 'orders', environment: 'prod', profile: 'crossfade' };
const FLAGS = { text: '{"accept-legacy":{"enabled":false}}', version: '7', confirmedAtMs: 1000 };
const LATER = { text: '{"accept-legacy":{"enabled":true}}', version: '8', confirmedAtMs: 2000 };
const now = () => 10_000;

async function saved(): Promise<KeptCopy> {
  const copy = createKeptCopy(temporaryFolder(), ORDERS, now);
  await copy.save(FLAGS);
  return copy;
}

it('gives back what it was given', async () => {
  const copy = await saved();
  expect(await copy.load()).toEqual({ kind: 'flags', flags: FLAGS });
  const nameless = { text: '{}', version: null, confirmedAtMs: 1001 };
  expect(await copy.save(nameless)).toBe('saved');
  expect(await copy.load()).toEqual({ kind: 'flags', flags: nameless });
});

it('holds nothing at first', async () => {
  expect(await createKeptCopy(join(temporaryFolder(), 'not', 'there'), ORDERS, now).load()).toEqual({ kind: 'none' });
});

it("makes its folder and its file its owner's alone, and leaves nothing else there", async () => {
  const folder = join(temporaryFolder(), 'state', 'crossfade');
  const copy = createKeptCopy(folder, ORDERS, now);
  await copy.save(FLAGS);
  await copy.save(FLAGS);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(copy.path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([copy.path]);
});

it('takes the mode back that somebody widened', async () => {
  const copy = await saved();
  chmodSync(copy.path, 0o666);
  await copy.save(FLAGS);
  expect(statSync(copy.path).mode & 0o777).toBe(0o600);
});

it.each([
  ['application', { ...ORDERS, application: 'billing' }],
  ['environment', { ...ORDERS, environment: 'test' }],
  ['profile', { ...ORDERS, profile: 'other' }],
  ['region', { ...ORDERS, region: 'eu-central-1' }],
  ['source', { ...ORDERS, source: 'agent' }],
  ['names run together', { ...ORDERS, application: 'orders/prod', environment: '' }],
])('does not read the copy of another %s in the same folder', async (_name, other) => {
  const folder = temporaryFolder();
  const copy = createKeptCopy(folder, ORDERS, now);
  const foreign = createKeptCopy(folder, other, now);
  await copy.save(FLAGS);
  expect(await foreign.load()).toEqual({ kind: 'none' });
  renameSync(copy.path, foreign.path);
  expect(await foreign.load()).toEqual({ kind: 'unusable', problem: `${foreign.path} is of another location` });
});

it('does not take a copy for one that was cut off, wherever that was', async () => {
  const copy = await saved();
  const { size } = statSync(copy.path);
  const kinds = new Set<string>();
  for (let length = size - 1; length >= 0; length -= 1) {
    truncateSync(copy.path, length);
    kinds.add((await copy.load()).kind);
  }
  expect([...kinds]).toEqual(['unusable']);
});

type Spoil = (path: string) => void;
const rewrite = (change: (content: object) => object): Spoil => {
  return (path) => writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
};

it.each([
  ['zeros, as a crash can leave', (path) => writeFileSync(path, Buffer.alloc(64)), /is damaged$/],
  ['a flag document as it is', (path) => writeFileSync(path, FLAGS.text), /is no copy of a flag document/],
  ['a format of the future', rewrite((content) => ({ ...content, format: 2 })), /is no copy of a flag document/],
  ['a document that cannot be read', rewrite((content) => ({ ...content, text: '{' })), /no readable flag document$/],
  ['a file that everybody can write', (path) => chmodSync(path, 0o602), /could be written by another user$/],
  ['a file of many megabytes', (path) => truncateSync(path, 20_000_000), /is larger than 16 MiB$/],
] as [string, Spoil, RegExp][])('does not use %s', async (_name, spoil, problem) => {
  const copy = await saved();
  spoil(copy.path);
  expect(await copy.load()).toEqual({ kind: 'unusable', problem: expect.stringMatching(problem) });
});

it('uses a file whose group can write it, as the volumes of Kubernetes have them', async () => {
  const copy = await saved();
  chmodSync(copy.path, 0o660);
  expect(await copy.load()).toMatchObject({ kind: 'flags' });
});

it.skipIf(process.getuid?.() !== 0)("does not use another user's file", async () => {
  const copy = await saved();
  chownSync(copy.path, 12_345, 0);
  expect(await copy.load()).toMatchObject({ problem: expect.stringMatching(/could be written by another user$/) });
});

it('follows no link', async () => {
  const copy = await saved();
  renameSync(copy.path, `${copy.path}.aside`);
  symlinkSync(`${copy.path}.aside`, copy.path);
  await expect(copy.load()).rejects.toMatchObject({ code: 'ELOOP' });
  await copy.save(FLAGS);
  expect(await copy.load()).toMatchObject({ kind: 'flags' });
});

it('does not wait for a pipe', async () => {
  const copy = createKeptCopy(temporaryFolder(), ORDERS, now);
  execFileSync('mkfifo', [copy.path]);
  expect(await copy.load()).toMatchObject({ problem: expect.stringMatching(/is not a file$/) });
});

it('rejects with the reason when its folder can not be made', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(createKeptCopy(join(file, 'state'), ORDERS, now).save(FLAGS)).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it('leaves nothing half done behind when it can not be put in its place', async () => {
  const folder = temporaryFolder();
  const copy = createKeptCopy(folder, ORDERS, now);
  mkdirSync(join(copy.path, 'inside'), { recursive: true });
  await expect(copy.save(FLAGS)).rejects.toThrow();
  expect(readdirSync(folder)).toHaveLength(1);
});

it('keeps what a process was given last, whichever writes last', async () => {
  const copy = await saved();
  expect(await copy.save(LATER)).toBe('saved');
  expect(await copy.save(FLAGS)).toBe('outdated');
  expect(await copy.load()).toEqual({ kind: 'flags', flags: LATER });
  expect(await copy.save({ ...FLAGS, confirmedAtMs: 3000 })).toBe('saved');
  expect(await copy.load()).toMatchObject({ flags: { version: '7' } });
});

it('does not believe a copy that was written in the future', async () => {
  const copy = await saved();
  await copy.save({ ...LATER, confirmedAtMs: 99_000 });
  expect(await copy.save({ ...FLAGS, confirmedAtMs: 9000 })).toBe('saved');
  expect(await copy.load()).toMatchObject({ flags: { version: '7' } });
});

it('waits for another process that writes, and not for one that died', async () => {
  const copy = await saved();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const since = new Date(now()).toISOString();
  writeFileSync(`${copy.path}.lock`, JSON.stringify({ pid, host: hostname(), since }));
  expect(await copy.save(LATER)).toBe('saved');
  expect(existsSync(`${copy.path}.lock`)).toBe(false);
});
