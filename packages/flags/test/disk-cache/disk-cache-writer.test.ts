import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createKeptCopy, type KeptCopy } from '../../src/disk-cache/disk-cache.ts';
import { createCopyKeeper } from '../../src/disk-cache/disk-cache-writer.ts';
import type { Finding } from '../../src/disk-cache/last-good.ts';
import { hangDisk } from '../hung-disk.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const LOCATION = { application: 'orders' };
const OPEN: Finding = { kind: 'document', text: '{"accept-legacy":{"enabled":true}}', version: '1' };
const CLOSED: Finding = { kind: 'document', text: '{"accept-legacy":{"enabled":false}}', version: '2' };
const BROKEN: Finding = { kind: 'document', text: '{"accept-legacy":{"enabled":"secret"}}', version: '3' };
const OUTAGE: Finding = { kind: 'failed', problem: 'the store is down' };

async function textIn(copy: KeptCopy): Promise<string | undefined> {
  const loaded = await copy.load();
  return loaded.kind === 'flags' ? loaded.flags.text : undefined;
}

it('restores nothing, without a problem, the first time', async () => {
  const keeper = createCopyKeeper(createKeptCopy(temporaryFolder(), LOCATION, Date.now));
  expect(await keeper.restore()).toBeNull();
  expect(keeper.problem()).toBeUndefined();
});

it('restores the last good document, whatever came after it', async () => {
  const copy = createKeptCopy(temporaryFolder(), LOCATION, Date.now);
  const keeper = createCopyKeeper(copy);
  for (const finding of [OPEN, CLOSED, BROKEN, OUTAGE]) await keeper.keep(finding, Date.now());
  expect(await createCopyKeeper(copy).restore()).toMatchObject({ text: CLOSED.text, version: '2' });
});

it('writes only what is new', async () => {
  const copy = createKeptCopy(temporaryFolder(), LOCATION, Date.now);
  await copy.save({ ...OPEN, confirmedAtMs: 1 });
  const keeper = createCopyKeeper(copy);
  await keeper.restore();
  rmSync(copy.path);
  for (const finding of [OPEN, { kind: 'unchanged' } as const, BROKEN, OUTAGE, OPEN])
    await keeper.keep(finding, Date.now());
  expect(await textIn(copy)).toBeUndefined();
  await keeper.keep(CLOSED, Date.now());
  expect(await textIn(copy)).toBe(CLOSED.text);
});

it('reports a broken copy until it has written a good one', async () => {
  const copy = createKeptCopy(temporaryFolder(), LOCATION, Date.now);
  writeFileSync(copy.path, '{"format":');
  const keeper = createCopyKeeper(copy);
  expect(await keeper.restore()).toBeNull();
  await keeper.keep(OUTAGE, Date.now());
  expect(keeper.problem()).toMatch(/^the copy on disk is not used: .* is damaged$/);
  await keeper.keep(OPEN, Date.now());
  expect(keeper.problem()).toBeUndefined();
  expect(await textIn(copy)).toBe(OPEN.text);
});

it('reports a disk that takes nothing, and writes as soon as it does, without a new document', async () => {
  const folder = join(temporaryFolder(), 'state');
  writeFileSync(folder, 'in the way');
  const copy = createKeptCopy(folder, LOCATION, Date.now);
  const keeper = createCopyKeeper(copy);
  expect(await keeper.restore()).toBeNull();
  await keeper.keep(OPEN, Date.now());
  expect(keeper.problem()).toMatch(/^the flags are not kept on disk: /);
  rmSync(folder);
  await keeper.keep({ kind: 'unchanged' }, Date.now());
  expect(keeper.problem()).toBeUndefined();
  expect(await textIn(copy)).toBe(OPEN.text);
});

it('does not wait long for a disk that hangs, and leaves the newest document there in the end', async () => {
  const copy = createKeptCopy(temporaryFolder(), LOCATION, Date.now);
  const keeper = createCopyKeeper(copy, 20);
  const disk = hangDisk();
  await keeper.keep(OPEN, Date.now());
  expect(keeper.problem()).toMatch(/^the flags are not kept on disk: .* did not answer in time$/);
  await keeper.keep(CLOSED, Date.now());
  await disk.release();
  await vi.waitFor(async () => {
    await keeper.keep(OUTAGE, Date.now());
    expect(keeper.problem()).toBeUndefined();
  });
  expect(await textIn(copy)).toBe(CLOSED.text);
});

it('starts without a copy that does not answer', async () => {
  const copy = createKeptCopy(temporaryFolder(), LOCATION, Date.now);
  await copy.save({ ...OPEN, confirmedAtMs: 1 });
  hangDisk();
  const keeper = createCopyKeeper(copy, 20);
  expect(await keeper.restore()).toBeNull();
  expect(keeper.problem()).toMatch(/^the copy on disk is not used: .* did not answer in time$/);
});

it('does not wind back what another process was given later, until the store confirms its own', async () => {
  const copy = createKeptCopy(temporaryFolder(), LOCATION, Date.now);
  const [slow, quick] = [createCopyKeeper(copy), createCopyKeeper(copy)];
  await quick.keep(CLOSED, 2000);
  await slow.keep(OPEN, 1000);
  expect(slow.problem()).toBeUndefined();
  expect(await textIn(copy)).toBe(CLOSED.text);
  await slow.keep(OUTAGE, 3000);
  expect(await textIn(copy)).toBe(CLOSED.text);
  await slow.keep({ kind: 'unchanged' }, 3000);
  expect(await textIn(copy)).toBe(OPEN.text);
});

it('does not take "unchanged" after a broken document for a word on the good one', async () => {
  const copy = createKeptCopy(temporaryFolder(), LOCATION, Date.now);
  const [slow, quick] = [createCopyKeeper(copy), createCopyKeeper(copy)];
  await quick.keep(CLOSED, 2000);
  await slow.keep(OPEN, 1000);
  await slow.keep(BROKEN, 3000);
  await slow.keep({ kind: 'unchanged' }, 4000);
  expect(await textIn(copy)).toBe(CLOSED.text);
});
