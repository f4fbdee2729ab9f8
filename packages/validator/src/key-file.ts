import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KeyStore } from './keys/key-store.ts';

const ROOT = 0;
const WRITABLE_BY_ALL = 0o002;

const snapshotSchema = z.object({
  issuer: z.string(),
  fetchedAtMs: z.number(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
});

/**
 * Creates a key store that keeps the keys of each issuer in a file under `directory`, which is created if needed. A
 * file is replaced as a whole, so processes can share the directory. Keys are not used where another user owns
 * the file or the directory, or every user can write to it: who writes keys there makes tokens valid.
 *
 * @example
 * const validator = createValidator({ legacy, target, keyStore: createFileKeyStore('/var/lib/orders-api/keys') });
 */
export function createFileKeyStore(directory: string): KeyStore {
  const fileOf = (issuer: string) => join(directory, `${createHash('sha256').update(issuer).digest('hex')}.json`);

  return {
    async load(issuer) {
      await requireOwn(directory, fileOf(issuer));
      const snapshot = snapshotSchema.parse(JSON.parse(await readFile(fileOf(issuer), 'utf8')));
      return snapshot.issuer === issuer ? snapshot : undefined;
    },
    async save(issuer, snapshot) {
      const file = fileOf(issuer);
      const draft = `${file}.${randomUUID()}`;
      await mkdir(directory, { recursive: true, mode: 0o700 });
      try {
        await writeFile(draft, JSON.stringify({ issuer, ...snapshot }), { mode: 0o600 });
        await rename(draft, file);
      } catch (error) {
        // A full disk takes the name but not the content: each attempt would leave another file behind.
        await unlink(draft).catch(() => undefined);
        throw error;
      }
    },
  };
}

/**
 * Throws where another user owns a file or a folder, or every user may write to it: their keys would count as the issuer's.
 * Windows has neither.
 */
async function requireOwn(...paths: readonly string[]): Promise<void> {
  const self = process.geteuid?.();
  if (self === undefined) return;
  for (const path of paths) {
    const { uid, mode } = await stat(path);
    if ((uid !== self && uid !== ROOT) || (mode & WRITABLE_BY_ALL) !== 0)
      throw new Error(`${path} belongs to another user, or every user can write to it`);
  }
}
