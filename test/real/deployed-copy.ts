import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const deploy = resolve(import.meta.dirname, '../../deploy');

/** A copy of a folder of `deploy`. */
export interface DeployedCopy {
  readonly folder: string;
  remove(): void;
}

/**
 * Copies a folder of `deploy`, and replaces addresses and times of production with those of the test.
 * @param replacements from the text in the files to the text of the test.
 * @throws when no file contains a text to replace: the test would then not run what ships.
 */
export function deployedCopy(name: string, replacements: Readonly<Record<string, string>>): DeployedCopy {
  const folder = mkdtempSync(join(tmpdir(), `crossfade-${name}-`));
  cpSync(join(deploy, name), folder, { recursive: true });
  const unused = new Set(Object.keys(replacements));
  for (const file of readdirSync(folder, { withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(folder, file.name);
    let text = readFileSync(path, 'utf8');
    for (const [shipped, replacement] of Object.entries(replacements)) {
      if (!text.includes(shipped)) continue;
      text = text.replaceAll(shipped, replacement);
      unused.delete(shipped);
    }
    writeFileSync(path, text);
  }
  if (unused.size > 0) throw new Error(`no file of deploy/${name} contains: ${[...unused].join(', ')}`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
