// `node .ci/publish.mjs <folder> [option of npm publish]...`: publishes the tarballs that `npm run pack` wrote, and that were
// tested. A package comes after those it depends on. What the registry has is left alone, so a run that broke off can be
// repeated; the same version with another content is an error, because one release is one build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const [folder, ...options] = process.argv.slice(2);
if (folder === undefined || folder.startsWith('-'))
  fail(2, 'expected the folder of the tarballs first, such as artifacts');

const manifests = readdirSync(join(root, 'packages')).map((name) =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
);

function fail(code, message) {
  process.stderr.write(`publish: ${message}\n`);
  process.exit(code);
}

/** The packages, each after those it depends on. */
function inOrder() {
  const order = new Set();
  const add = (manifest) => {
    for (const { name } of manifests.filter(({ name }) => manifest.dependencies?.[name])) {
      add(manifests.find((other) => other.name === name));
    }
    order.add(manifest);
  };
  for (const manifest of manifests) add(manifest);
  return [...order];
}

function readTarball({ name, version }) {
  const path = join(resolve(folder), `${name.slice(1).replace('/', '-')}-${version}.tgz`);
  try {
    return { path, integrity: `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}` };
  } catch {
    return fail(2, `expected ${path}: run npm run pack`);
  }
}

/** The integrity of what the registry has, or undefined. */
function published({ name, version }) {
  const { status, stdout, stderr } = spawnSync('npm', ['view', `${name}@${version}`, 'dist.integrity', '--json'], {
    encoding: 'utf8',
  });
  if (status === 0) return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  if (JSON.parse(stdout || '{}').error?.code === 'E404') return undefined;
  return fail(1, `the registry did not say whether it has ${name}@${version}:\n${stderr}`);
}

const tarballs = inOrder().map((manifest) => ({ ...manifest, ...readTarball(manifest) }));
for (const { name, version, path, integrity } of tarballs) {
  const there = published({ name, version });
  if (there !== undefined && there !== integrity) {
    fail(1, `${name}@${version} is there with another content: publish the tarballs of that build, or a new version`);
  }
  if (there === undefined) {
    const tag = version.includes('-') ? 'next' : 'latest';
    const { status } = spawnSync('npm', ['publish', path, '--access', 'public', '--tag', tag, ...options], {
      stdio: 'inherit',
    });
    if (status !== 0) fail(1, `npm did not publish ${name}@${version}; run this again once it is mended`);
  }
  process.stdout.write(`${name}@${version} ${there === undefined ? 'published' : 'was there'}\n`);
}
