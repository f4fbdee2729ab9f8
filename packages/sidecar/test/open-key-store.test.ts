import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeyStore } from '../src/open-key-store.ts';
import { createRecordingLog } from './fixture/log.ts';

const ISSUER = 'https://idp.example.com';
const SNAPSHOT = { jwks: { keys: [{ kty: 'EC' }] }, fetchedAtMs: 1_000 };

let folder: string;
let log: ReturnType<typeof createRecordingLog>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'key-store-'));
  log = createRecordingLog();
});
afterEach(() => rm(folder, { recursive: true }));

test('keeps keys below the state folder, and says nothing of a first start', async () => {
  const store = openKeyStore(folder, log);
  await expect(store.load(ISSUER)).rejects.toThrow('ENOENT');
  await store.save(ISSUER, SNAPSHOT);

  expect(await openKeyStore(folder, log).load(ISSUER)).toMatchObject(SNAPSHOT);
  expect(log.lines).toEqual([]);
});

test('logs once that every user can write to the copy, which is not used', async () => {
  const store = openKeyStore(folder, log);
  await store.save(ISSUER, SNAPSHOT);
  await chmod(join(folder, 'keys'), 0o777);
  await expect(store.load(ISSUER)).rejects.toThrow();
  await expect(store.load(ISSUER)).rejects.toThrow();

  expect(log.lines).toMatchObject([{ level: 'warn', fields: { event: 'key_store' } }]);
  expect(String(log.lines[0]?.fields['problem'])).toContain('every user can write to it');
});

test('logs once that the keys cannot be kept', async () => {
  await writeFile(join(folder, 'keys'), 'in the way');
  const store = openKeyStore(folder, log);
  await expect(store.save(ISSUER, SNAPSHOT)).rejects.toThrow();
  await expect(store.save(ISSUER, SNAPSHOT)).rejects.toThrow();

  expect(log.lines).toMatchObject([{ level: 'warn', fields: { event: 'key_store' } }]);
});
