// `npm run licences`: writes docs/licences.md, what an install of our packages brings along and under which licence. Ends with
// 1 when a licence is not one of those we take, or with `-- --check` when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependencies, root } from './dependencies.mjs';

/** Licences that ask for no more than their text. */
const TAKEN = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Python-2.0',
]);

const [option, ...more] = process.argv.slice(2);
if (more.length > 0 || (option !== undefined && option !== '--check')) {
  process.stderr.write(`licences takes --check or nothing, not "${[option, ...more].join(' ')}"\n`);
  process.exit(2);
}

const found = dependencies();
const refused = found.filter(({ license }) => !TAKEN.has(license));
for (const { name, version, license } of refused) {
  process.stderr.write(`${name}@${version} is under ${license}: expected one of ${[...TAKEN].join(', ')}\n`);
}

const page = `# Licences

Crossfade is under the [MIT licence](../LICENSE). An install of all its packages brings these ${found.length} along; \`npm run licences\` writes
this page, and ends with 1 for a licence that asks for more than its text. [Releases](releases.md) says how to get the list of one release.

| package | version | licence |
|---|---|---|
${found.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`).join('\n')}
`;
const path = join(root, 'docs/licences.md');
let stale = false;
if (option === undefined) writeFileSync(path, page);
else stale = readFileSync(path, 'utf8') !== page;
if (stale) process.stderr.write('docs/licences.md is not what is installed: run npm run licences\n');
process.exit(refused.length > 0 || stale ? 1 : 0);
