import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { packedPackages } from '../fixture/packed-packages.ts';
import { missing } from '../fixture/real-part.ts';
import { type Block, readPage } from './page.ts';
import { playPage } from './play-page.ts';
import { type Shell, startShell } from './shell.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8');

const blocks = readPage(page);
const [, troubles] = page.split('\n## When it does not go as shown\n');

/** The clone and its tarballs, which this test has: `packages.test.ts` and `contributing.test.ts` try both. */
const isClone = (block: Block) => block.kind === 'commands' && block.text.includes('git clone');

describe.skipIf(['bash', 'curl'].some(missing))('the tutorial', () => {
  const place = mkdtempSync(join(tmpdir(), 'crossfade-tutorial-'));
  const scratch = mkdtempSync(join(tmpdir(), 'crossfade-tutorial-commands-'));
  let shell: Shell;

  beforeAll(async () => {
    symlinkSync(dirname(await packedPackages()), join(place, 'crossfade'), 'junction');
    shell = startShell(place, scratch, readerEnvironment());
  }, 300_000);
  afterAll(async () => {
    await shell?.close();
    for (const folder of [place, scratch]) rmSync(folder, { recursive: true, force: true });
  });

  it('prints on every command what the page shows, from an empty folder to a closed migration', async () => {
    const played = await playPage(
      blocks.filter((block) => !isClone(block)),
      shell,
      join(place, 'orders'),
    );
    expect(played.length).toBeGreaterThan(30);
  }, 900_000);

  it.each([
    ['crossfade status --config no/crossfade.yaml', 'crossfade.yaml: does not exist: name the plan with --config'],
    ['PATH=/usr/bin:/bin; crossfade status', 'crossfade: command not found'],
    [`cd / && node --input-type=module --eval 'import "@crossfade/lab"'`, "Cannot find package '@crossfade/lab'"],
    ['node provider.js', 'EADDRINUSE: address already in use 127.0.0.1:4400'],
    ['crossfade-sidecar --config crossfade.yaml', 'sidecar.listen: 127.0.0.1:4402 is already in use'],
    ['npm install ../no/artifacts/*.tgz', 'ENOENT'],
  ])('explains what `%s` prints where it goes wrong', async (commands, message) => {
    // The plan is gone at the end of the tutorial.
    const plan = blocks.find((block) => block.kind === 'file' && block.path === 'crossfade.yaml');
    writeFileSync(join(place, 'orders/crossfade.yaml'), plan?.text ?? '');
    writeFileSync(join(place, 'orders/flags.json'), '{}');
    const others = [4400, 4402].map((port) => createServer().listen(port, '127.0.0.1'));
    await Promise.all(others.map((other) => once(other, 'listening')));
    onTestFinished(() => others.forEach((other) => void other.close()));
    // A subshell, so that the reader's own stays as it is.
    await shell.run(`(${commands})`, 60_000);
    expect(shell.printed()).toContain(message);
    expect(troubles).toContain(message);
  });
});

/** What a reader's terminal has: none of the settings of the npm and the Vitest that run this. */
function readerEnvironment(): NodeJS.ProcessEnv {
  const isOurs = /^(npm_(?!config_registry$)|vitest|vite_|crossfade_|node_env$|node_options$|test$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs.test(name)));
}
