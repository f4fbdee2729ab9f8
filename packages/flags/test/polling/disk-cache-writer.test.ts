import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createDiskCache, type DiskCache } from '../../src/disk-cache/disk-cache.ts';
import { createDiskCacheWriter } from '../../src/polling/disk-cache-writer.ts';
import type { PollResult } from '../../src/polling/last-good.ts';
import { hangDisk } from '../fixture/hung-disk.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const LOCATION = { application: 'orders' };
const OPEN: PollResult = { kind: 'document', text: '{"accept-legacy":{"enabled":true}}', version: '1' };
const CLOSED: PollResult = { kind: 'document', text: '{"accept-legacy":{"enabled":false}}', version: '2' };
const BROKEN: PollResult = { kind: 'document', text: '{"accept-legacy":{"enabled":"secret"}}', version: '3' };
const OUTAGE: PollResult = { kind: 'failed', problem: 'the store is down' };

async function textIn(cache: DiskCache): Promise<string | undefined> {
  const loaded = await cache.load();
  return loaded.kind === 'flags' ? loaded.flags.text : undefined;
}

it('restores nothing at the first start, without a problem', async () => {
  const writer = createDiskCacheWriter(createDiskCache(temporaryFolder(), LOCATION, Date.now));
  expect(await writer.restore()).toBeNull();
  expect(writer.problem()).toBeUndefined();
});

it('restores the last good document after a broken one and an outage', async () => {
  const cache = createDiskCache(temporaryFolder(), LOCATION, Date.now);
  const writer = createDiskCacheWriter(cache);
  for (const result of [OPEN, CLOSED, BROKEN, OUTAGE]) await writer.write(result, Date.now());
  expect(await createDiskCacheWriter(cache).restore()).toMatchObject({ text: CLOSED.text, version: '2' });
});

it('writes only a new document', async () => {
  const cache = createDiskCache(temporaryFolder(), LOCATION, Date.now);
  await cache.save({ ...OPEN, confirmedAtMs: 1 });
  const writer = createDiskCacheWriter(cache);
  await writer.restore();
  rmSync(cache.path);
  for (const result of [OPEN, { kind: 'unchanged' } as const, BROKEN, OUTAGE, OPEN])
    await writer.write(result, Date.now());
  expect(await textIn(cache)).toBeUndefined();
  await writer.write(CLOSED, Date.now());
  expect(await textIn(cache)).toBe(CLOSED.text);
});

it('reports a broken cache file until it has written a good one', async () => {
  const cache = createDiskCache(temporaryFolder(), LOCATION, Date.now);
  writeFileSync(cache.path, '{"format":');
  const writer = createDiskCacheWriter(cache);
  expect(await writer.restore()).toBeNull();
  await writer.write(OUTAGE, Date.now());
  expect(writer.problem()).toMatch(/^the disk cache is not used: .* is damaged$/);
  await writer.write(OPEN, Date.now());
  expect(writer.problem()).toBeUndefined();
  expect(await textIn(cache)).toBe(OPEN.text);
});

it('reports a disk that refuses writes, and writes once it accepts them, without a new document', async () => {
  const folder = join(temporaryFolder(), 'state');
  writeFileSync(folder, 'blocks the directory');
  const cache = createDiskCache(folder, LOCATION, Date.now);
  const writer = createDiskCacheWriter(cache);
  expect(await writer.restore()).toBeNull();
  await writer.write(OPEN, Date.now());
  expect(writer.problem()).toMatch(/^the flags are not cached on disk: /);
  rmSync(folder);
  await writer.write({ kind: 'unchanged' }, Date.now());
  expect(writer.problem()).toBeUndefined();
  expect(await textIn(cache)).toBe(OPEN.text);
});

it('times out on a disk that hangs, and writes the newest document once it responds', async () => {
  const cache = createDiskCache(temporaryFolder(), LOCATION, Date.now);
  const writer = createDiskCacheWriter(cache, 20);
  const disk = hangDisk();
  await writer.write(OPEN, Date.now());
  expect(writer.problem()).toMatch(/^the flags are not cached on disk: .* did not respond in time$/);
  await writer.write(CLOSED, Date.now());
  await disk.release();
  await vi.waitFor(async () => {
    await writer.write(OUTAGE, Date.now());
    expect(writer.problem()).toBeUndefined();
  });
  expect(await textIn(cache)).toBe(CLOSED.text);
});

it('starts without a cache that does not respond', async () => {
  const cache = createDiskCache(temporaryFolder(), LOCATION, Date.now);
  await cache.save({ ...OPEN, confirmedAtMs: 1 });
  hangDisk();
  const writer = createDiskCacheWriter(cache, 20);
  expect(await writer.restore()).toBeNull();
  expect(writer.problem()).toMatch(/^the disk cache is not used: .* did not respond in time$/);
});

it('does not overwrite a later document of another process until the store confirms its own', async () => {
  const cache = createDiskCache(temporaryFolder(), LOCATION, Date.now);
  const [slow, quick] = [createDiskCacheWriter(cache), createDiskCacheWriter(cache)];
  await quick.write(CLOSED, 2000);
  await slow.write(OPEN, 1000);
  expect(slow.problem()).toBeUndefined();
  expect(await textIn(cache)).toBe(CLOSED.text);
  await slow.write(OUTAGE, 3000);
  expect(await textIn(cache)).toBe(CLOSED.text);
  await slow.write({ kind: 'unchanged' }, 3000);
  expect(await textIn(cache)).toBe(OPEN.text);
});

it('does not treat "unchanged" after a broken document as a confirmation of the good one', async () => {
  const cache = createDiskCache(temporaryFolder(), LOCATION, Date.now);
  const [slow, quick] = [createDiskCacheWriter(cache), createDiskCacheWriter(cache)];
  await quick.write(CLOSED, 2000);
  await slow.write(OPEN, 1000);
  await slow.write(BROKEN, 3000);
  await slow.write({ kind: 'unchanged' }, 4000);
  expect(await textIn(cache)).toBe(CLOSED.text);
});
