import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceAtomically, replaceFile } from '../../src/disk-cache/replace-file.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

describe('replaceFile', () => {
  it('creates a new file that every user can read', async () => {
    const path = join(temporaryFolder(), 'flags.json');
    await replaceFile(path, 'x');
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it('never shows a reader a partial text', async () => {
    const path = join(temporaryFolder(), 'flags.json');
    const texts = ['a'.repeat(200_000), 'b'.repeat(200_000)];
    writeFileSync(path, 'a'.repeat(200_000));
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const replaced = replaceFile(path, texts[round % 2] ?? '');
      seen.add(readFileSync(path, 'utf8'));
      await replaced;
      seen.add(readFileSync(path, 'utf8'));
    }
    expect([...seen].every((text) => texts.includes(text))).toBe(true);
  });

  it('leaves no temporary file behind when it fails', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'flags.json', 'inside'), { recursive: true });
    await expect(replaceFile(join(folder, 'flags.json'), 'x')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['flags.json']);
  });
});

describe('replaceAtomically', () => {
  it('sets the requested mode, whatever the mode of the file or the umask', async () => {
    const path = join(temporaryFolder(), 'cache.json');
    writeFileSync(path, 'x', { mode: 0o644 });
    await replaceAtomically(path, 'y', 0o606);
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['y', 0o606]);
  });

  it('replaces a link and leaves its target alone', async () => {
    const folder = temporaryFolder();
    const [path, victim] = [join(folder, 'cache.json'), join(folder, 'victim')];
    writeFileSync(victim, 'x');
    symlinkSync(victim, path);
    await replaceAtomically(path, 'y', 0o600);
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
    expect(readFileSync(victim, 'utf8')).toBe('x');
  });
});
