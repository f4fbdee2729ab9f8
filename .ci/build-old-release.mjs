// Builds the packages of the commit that stands for the last release, for the tests of version skew, once: into the
// user's cache folder (TypeScript names types by another rule under node_modules). Prints the folder. Ends with 3, and says why, where the commit is not in this clone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The commit before issue 17. With the first release it becomes that release's tag. */
const OLD = '7c2b0a7928fda28ca45103afb8f8a951f252dbea';
/** The exit code for a clone that does not have the commit. */
const NOT_HERE = 3;

const root = resolve(import.meta.dirname, '..');
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'crossfade/old-release');
const built = join(cache, OLD.slice(0, 7));

function stop(why, code = 1) {
  process.stderr.write(`${why}\n`);
  process.exit(code);
}

/** Runs a program; shows what it prints only when it fails. */
function run(program, args, options) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (status !== 0) stop(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
const isHere = () => spawnSync('git', ['cat-file', '-e', `${OLD}^{commit}`], { cwd: root }).status === 0;

if (!existsSync(join(built, 'package.json'))) {
  // A shallow clone may get this one commit.
  if (!isHere()) spawnSync('git', ['fetch', '--quiet', '--depth=1', 'origin', OLD], { cwd: root, timeout: 60_000 });
  if (!isHere()) stop(`the commit ${OLD} is not in this clone (a shallow one?): git fetch --unshallow`, NOT_HERE);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'build-'));
  run(
    'sh',
    [
      '-c',
      `git archive ${OLD} .npmrc package.json pnpm-lock.yaml pnpm-workspace.yaml .pnpmfile.cjs tsconfig.base.json packages deploy | tar -x -C "${folder}"`,
    ],
    { cwd: root },
  );
  // The tests and the load generators are no part of a release.
  const workspace = join(folder, 'pnpm-workspace.yaml');
  writeFileSync(workspace, readFileSync(workspace, 'utf8').replace(/^ {2}- (test|load)\n/gm, ''));
  const manager = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).packageManager;
  run('npx', ['--yes', manager, 'install', '--prefer-offline', '--frozen-lockfile', '--ignore-scripts'], {
    cwd: folder,
  });
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'packages/lab', 'packages/cli', 'packages/sidecar'], {
    cwd: folder,
  });
  rmSync(built, { recursive: true, force: true });
  renameSync(folder, built);
}
process.stdout.write(`${built}\n`);
