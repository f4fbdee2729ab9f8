// Builds the documentation as a site: stages every page, then runs VitePress.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stagePages } from './stage-pages.mjs';

const HELP = `npm run site -- [--out <folder>] [--base <path>]

Builds the documentation as a site of plain files. Its own dependencies are installed into site/node_modules at the first run.

  --out <folder>   where to write it (default: site/dist)
  --base <path>    the path below which it will be served, such as /crossfade/ (default: /)
  --help, -h       print this text

Look at it with any web server: python3 -m http.server --directory site/dist
`;

const site = import.meta.dirname;

/** The same packages as in the lock file, whenever it is newer than what is installed. */
function install() {
  const installed = resolve(site, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(resolve(site, 'package-lock.json')).mtimeMs)
    return;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: site,
    stdio: 'inherit',
  });
}

async function run() {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: resolve(site, 'dist') },
      base: { type: 'string', default: '/' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return void process.stdout.write(HELP);
  if (!/^\/(?:[\w.-]+\/)*$/.test(values.base))
    throw new Error('--base must begin and end with a slash, such as /crossfade/');
  install();
  const pages = stagePages(resolve(site, '.pages'), values.base);
  const { build } = await import('vitepress');
  await build(site, { outDir: resolve(values.out) });
  const { user, system } = process.cpuUsage();
  process.stdout.write(
    `${pages.length} pages in ${resolve(values.out)}, ${((user + system) / 1e6).toFixed(1)} s of CPU\n`,
  );
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\nTry: npm run site -- --help\n`);
  process.exitCode = 1;
}
