import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replaceFile } from '../../src/disk-cache/replace-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

it('makes a new file readable for everybody', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  await replaceFile(path, 'x');
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

it('never shows a reader part of a text', async () => {
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

it('leaves nothing behind when it fails', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'flags.json', 'inside'), { recursive: true });
  await expect(replaceFile(join(folder, 'flags.json'), 'x')).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['flags.json']);
});
