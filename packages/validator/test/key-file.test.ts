import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileKeyStore } from '../src/key-file.ts';
import { createSigningKey } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey({ kid: 'a' });
const snapshot = { jwks: { keys: [key.publicJwk] }, fetchedAtMs: 1_800_000_000_000 };

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'keys-')), 'deeper');
});
afterEach(() => rm(join(directory, '..'), { recursive: true }));

test('loads for each issuer what was saved for it, in another process, too', async () => {
  await createFileKeyStore(directory).save(ISSUER, snapshot);

  expect(await createFileKeyStore(directory).load(ISSUER)).toMatchObject(snapshot);
  await expect(createFileKeyStore(directory).load('https://other.example.com')).rejects.toThrow('ENOENT');
});

test('replaces a file as a whole, readable by this user only, and leaves no draft behind', async () => {
  const file = createFileKeyStore(directory);
  await Promise.all(Array.from({ length: 20 }, (_, index) => file.save(ISSUER, { ...snapshot, fetchedAtMs: index })));

  const names = await readdir(directory);
  expect(names).toHaveLength(1);
  expect((await stat(join(directory, `${names[0]}`))).mode & 0o777).toBe(0o600);
  expect(await file.load(ISSUER)).toHaveProperty('jwks', snapshot.jwks);
});

test('leaves no draft behind where it cannot be saved', async () => {
  const file = createFileKeyStore(directory);
  await file.save(ISSUER, snapshot);
  const [name] = await readdir(directory);
  await rm(join(directory, `${name}`));
  await mkdir(join(directory, `${name}`, 'in the way'), { recursive: true });
  await expect(file.save(ISSUER, snapshot)).rejects.toThrow();
  expect(await readdir(directory)).toEqual([name]);
});

test.each(['', '{}', '{"issuer":"x"', '{"issuer":"https://idp.example.com","fetchedAtMs":"1","jwks":{"keys":[]}}'])(
  'has no keys to give from a file that holds %j',
  async (content) => {
    const file = createFileKeyStore(directory);
    await file.save(ISSUER, snapshot);
    const [name] = await readdir(directory);
    await writeFile(join(directory, `${name}`), content);

    await expect(file.load(ISSUER)).rejects.toThrow();
  },
);

test('loads no keys that were saved for another issuer', async () => {
  const file = createFileKeyStore(directory);
  await file.save(ISSUER, snapshot);
  const [name] = await readdir(directory);
  await writeFile(join(directory, `${name}`), JSON.stringify({ ...snapshot, issuer: 'https://other.example.com' }));

  expect(await file.load(ISSUER)).toBeUndefined();
});

test.each(['its directory', 'the file'])('loads no keys where every user can write to %s', async (where) => {
  const file = createFileKeyStore(directory);
  await file.save(ISSUER, snapshot);
  const [name] = await readdir(directory);
  const path = where === 'the file' ? join(directory, `${name}`) : directory;
  await chmod(path, 0o777);
  await expect(file.load(ISSUER)).rejects.toThrow('every user can write to it');

  await chmod(path, 0o770);
  expect(await file.load(ISSUER)).toMatchObject(snapshot);
});
