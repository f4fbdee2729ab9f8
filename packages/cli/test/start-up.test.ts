import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const BIN = resolve(import.meta.dirname, '../bin/crossfade.js');
/** The first rounds may find a busy machine. */
const ROUNDS = { least: 3, most: 9 };
/** On a quiet machine it is below twice the time of a bare node; other tests beside this one make every file slower to read. */
const LIMIT_MS = 150;
const TIMES_BARE = 3;

function tookMs(...args: readonly string[]): number {
  const startedMs = performance.now();
  spawnSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - startedMs;
}

it.each([
  ['--help', ''],
  ['--version', ''],
  ['advance', '--help'],
  ['gat', ''],
])(
  'crossfade %s %s prints within 150 ms, or three times what a bare node takes beside it, whichever is more',
  (...argv) => {
    const bare: number[] = [];
    const own: number[] = [];
    // The quickest of each: what the machine does beside this only adds.
    const limitMs = () => Math.max(LIMIT_MS, TIMES_BARE * Math.min(...bare));
    for (let round = 1; round <= ROUNDS.most; round += 1) {
      bare.push(tookMs('-e', '0'));
      own.push(tookMs(BIN, ...argv.filter((word) => word !== '')));
      if (round >= ROUNDS.least && Math.min(...own) < limitMs()) break;
    }
    expect(Math.min(...own)).toBeLessThan(limitMs());
  },
  60_000,
);

it('loads no schema, no SDK and no verb for --help', () => {
  const { stderr } = spawnSync(process.execPath, [BIN, '--help'], {
    env: { ...process.env, NODE_DEBUG: 'esm' },
    encoding: 'utf8',
  });
  expect(stderr).toContain('usage/advance.js');
  expect(stderr).not.toMatch(/node_modules\/(?:zod|@aws-sdk|yaml)\b|verbs\/advance\.js/);
});
