// `npm run test:package -- <name> [vitest options]`: builds, then runs the tests of one package.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const [given, ...options] = process.argv.slice(2);
const name = given?.replace(/^@crossfade\//, '');
const packages = readdirSync(join(root, 'packages')).filter((folder) =>
  existsSync(join(root, 'packages', folder, 'package.json')),
);
/** The projects of test/vitest.config.ts; the tests of `house` cross packages. */
const projects = [...packages, 'load', 'house'];

if (name === undefined || !projects.includes(name)) {
  const found = given === undefined ? 'No package is named.' : `${JSON.stringify(given)} is not a package.`;
  process.stderr.write(
    `${found} Usage: npm run test:package -- <name> [vitest options]\nNames: ${projects.join(', ')}\n`,
  );
  process.exit(2);
}
await import('./require-setup.mjs');

/** Runs a dependency's program with this Node: without a shell, an option may hold spaces. */
function run(...command) {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
run('node_modules/typescript/bin/tsc', '-b', 'test', 'load');
run('node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--project', name, ...options);
