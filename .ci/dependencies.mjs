import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Runs the pnpm of this repository here. */
export const pnpm = (...args) =>
  spawnSync('npx', ['--yes', packageManager, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 67_108_864 });

/**
 * Returns what an install of our packages brings along, sorted: `[{ name, version, license }]`. Needs `npm run setup`.
 * @throws with pnpm's words when it does not say.
 */
export function dependencies() {
  const { status, stdout, stderr } = pnpm('--filter', './packages/*', 'licenses', 'list', '--prod', '--json');
  if (status !== 0) throw new Error(`pnpm did not list the dependencies; run npm run setup\n${stderr}${stdout}`);
  return Object.values(JSON.parse(stdout))
    .flat()
    .flatMap(({ name, versions, license }) => versions.map((version) => ({ name, version, license })))
    .sort((one, other) => compare(one.name, other.name) || compare(one.version, other.version));
}

const compare = (one, other) => (one < other ? -1 : Number(one > other));
