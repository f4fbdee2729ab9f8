import { lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replaceAtomically } from '../../src/disk-cache/replace-atomically.ts';
import { temporaryFolder } from '../temporary-folder.ts';

it('gives the file the mode it is told, whatever the file or the umask said', async () => {
  const path = join(temporaryFolder(), 'copy.json');
  writeFileSync(path, 'x', { mode: 0o644 });
  await replaceAtomically(path, 'y', 0o606);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['y', 0o606]);
});

it('replaces a link and spares what it points at', async () => {
  const folder = temporaryFolder();
  const [path, victim] = [join(folder, 'copy.json'), join(folder, 'victim')];
  writeFileSync(victim, 'x');
  symlinkSync(victim, path);
  await replaceAtomically(path, 'y', 0o600);
  expect(lstatSync(path).isSymbolicLink()).toBe(false);
  expect(readFileSync(victim, 'utf8')).toBe('x');
});
