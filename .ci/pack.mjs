// `npm run pack [-- folder]`: writes a tarball of each package to artifacts/. pnpm resolves `workspace:` and `catalog:`,
// and .pnpmfile.cjs takes out what refers to sources. The build is fresh, so nothing stale is packed, and has no source
// maps: without its source, a map leads a debugger nowhere. The build with maps is put back at the end.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(root, process.argv[2] ?? 'artifacts');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tarballs = () => readdirSync(folder).filter((file) => /^crossfade-.*\.tgz$/.test(file));

/** Runs a program; shows what it prints only when it fails. */
function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  process.exit(1);
}
const build = (...args) => run(process.execPath, 'node_modules/typescript/bin/tsc', '-b', ...args);
const pnpm = (...args) => run('npx', '--yes', packageManager, ...args);

mkdirSync(folder, { recursive: true });
for (const tarball of tarballs()) rmSync(join(folder, tarball));
for (const name of readdirSync(join(root, 'packages'))) {
  rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true });
}

build('packages/lab', '--sourceMap', 'false', '--declarationMap', 'false'); // the lab refers to every package
pnpm('--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder);
build('test', 'load');

for (const tarball of tarballs()) {
  process.stdout.write(`${String(statSync(join(folder, tarball)).size).padStart(7)} bytes  ${tarball}\n`);
}
