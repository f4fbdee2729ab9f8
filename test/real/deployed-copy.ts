import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const deploy = resolve(import.meta.dirname, '../../deploy');

/** A copy of one of `deploy`'s folders. */
export interface DeployedCopy {
  readonly folder: string;
  remove(): void;
}

/**
 * Copies a folder of `deploy` as it is, but for the places and times in it, which in a test can't be those of production.
 * @param places from what the files say to what is meant here.
 * @throws when no file says what is to be replaced: then the test would drive something else than what ships.
 */
export function deployedCopy(name: string, places: Readonly<Record<string, string>>): DeployedCopy {
  const folder = mkdtempSync(join(tmpdir(), `crossfade-${name}-`));
  cpSync(join(deploy, name), folder, { recursive: true });
  const unused = new Set(Object.keys(places));
  for (const file of readdirSync(folder, { withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(folder, file.name);
    let text = readFileSync(path, 'utf8');
    for (const [shipped, here] of Object.entries(places)) {
      if (!text.includes(shipped)) continue;
      text = text.replaceAll(shipped, here);
      unused.delete(shipped);
    }
    writeFileSync(path, text);
  }
  if (unused.size > 0) throw new Error(`deploy/${name} says nowhere: ${[...unused].join(', ')}`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
