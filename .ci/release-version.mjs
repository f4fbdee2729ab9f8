// `npm run release:version`: makes a release of the changesets. `changeset version` deletes them, writes CHANGELOG.md and
// the new version of every package; this writes the same version where a file of another kind names it.
// `-- --check` changes nothing, and ends with 1 where a file names another version.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const SEMVER = String.raw`\d+\.\d+\.\d+(?:-[\w.]+)?`;

/** Each file that names the version, and the texts before it. */
const PLACES = [
  ['package.json', '"version": "'],
  ['README.md', 'crossfade-core-'],
  ['deploy/kubernetes/base/orders-api.yaml', 'crossfade-sidecar:'],
  ['deploy/kubernetes/forward-auth/orders-auth.yaml', 'crossfade-sidecar:'],
  ['deploy/helm/crossfade/Chart.yaml', 'ersion: '],
];

const [option, ...more] = process.argv.slice(2);
if (more.length > 0 || (option !== undefined && option !== '--check')) {
  process.stderr.write(`release:version takes --check or nothing, not "${[option, ...more].join(' ')}"\n`);
  process.exit(2);
}

if (option === undefined) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}

const { version } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'));
let wrong = 0;
for (const [file, before] of PLACES) {
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  const found = [...text.matchAll(new RegExp(`(?<=${before})${SEMVER}`, 'g'))].map(([name]) => name);
  if (found.length === 0) {
    process.stderr.write(`${file}: expected a version after "${before}", found none\n`);
    wrong += 1;
  } else if (option === undefined) {
    writeFileSync(path, text.replaceAll(new RegExp(`(?<=${before})${SEMVER}`, 'g'), version));
  } else {
    for (const name of found.filter((name) => name !== version)) {
      process.stderr.write(`${file}: expected ${version} after "${before}", found ${name}\n`);
      wrong += 1;
    }
  }
}
process.exit(wrong > 0 ? 1 : 0);
