// `npm run pack [-- folder]`: writes a tarball of each package to artifacts/. pnpm resolves `workspace:` and `catalog:`,
// and .pnpmfile.cjs takes out what refers to sources. The packages are built in a copy of their sources, so nothing stale is
// packed, and without source maps: without its source, a map leads a debugger nowhere. The build of this clone, which
// programs may run from, stays as it is.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(root, process.argv[2] ?? 'artifacts');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tarballs = () => readdirSync(folder).filter((file) => /^crossfade-.*\.tgz$/.test(file));

const copy = mkdtempSync(join(tmpdir(), 'crossfade-pack-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Runs a program in the copy; shows what it prints only when it fails. */
function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: copy, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  process.exit(1);
}

const SOURCES = ['.ci', 'packages', 'runbooks'];
const SETTINGS = [
  'LICENSE',
  '.npmrc',
  '.pnpmfile.cjs',
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
];
const WRITTEN = ['dist', 'coverage', 'test'];
for (const name of [...SOURCES, ...SETTINGS]) {
  cpSync(join(root, name), join(copy, name), {
    recursive: true,
    verbatimSymlinks: true, // a package's dependencies: relative, so they lead to the copies of its siblings
    filter: (path) => !WRITTEN.includes(basename(path)),
  });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');

mkdirSync(folder, { recursive: true });
for (const tarball of tarballs()) rmSync(join(folder, tarball));
// The lab refers to every package.
const options = ['--sourceMap', 'false', '--declarationMap', 'false'];
run(process.execPath, 'node_modules/typescript/bin/tsc', '-b', 'packages/lab', ...options);
run('npx', '--yes', packageManager, '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder);

for (const tarball of tarballs()) {
  process.stdout.write(`${String(statSync(join(folder, tarball)).size).padStart(7)} bytes  ${tarball}\n`);
}
