import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { drainRules, promtoolSuite } from '../../rule-histories/promtool-suite.ts';
import { playRules, promtoolPhases } from '../../rule-histories/rules-model.ts';
import { simulate } from '../../rule-histories/simulate.ts';
import { missing } from '../fixture/real-part.ts';

const RULES = resolve(import.meta.dirname, '../../../deploy/prometheus/crossfade.rules.yml');
/** `npm run test:long` plays 240. */
const HISTORIES = Number(process.env['CROSSFADE_PROMTOOL_HISTORIES'] ?? 32);
const BATCH = 8;
const PROMTOOL = 'promtool';
/** Each second evaluation of the rules' own: half the time, and the same conditions. */
const EVALUATED_EVERY = 60;
const COMPARED_EVERY = 120;

const total = { histories: 0, values: 0 };

/** Runs histories as migrations of one Prometheus, and returns what promtool finds different from the model. */
async function runBatch(seeds: readonly number[], rules: string): Promise<string> {
  const histories = seeds.map((seed) => ({ migration: `history-${seed}`, ...simulate(seed, 'promtool') }));
  const endsAt = Math.max(...histories.map(({ recorded }) => recorded.endsAt));
  const phases = promtoolPhases(EVALUATED_EVERY);
  const cases = histories.map(({ migration, recorded }) => ({
    migration,
    recorded,
    evaluations: [...playRules(recorded, phases, undefined, endsAt)],
  }));
  const moments = Array.from(
    { length: Math.floor(endsAt / COMPARED_EVERY) },
    (_, index) => (index + 1) * COMPARED_EVERY,
  );
  total.histories += seeds.length;
  total.values += moments.length * seeds.length * 10;
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-histories-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), drainRules(rules));
    const suite = promtoolSuite(`histories ${seeds.join(', ')}`, cases, moments, 'rules.yml', EVALUATED_EVERY);
    writeFileSync(join(folder, 'suite.yml'), suite);
    return await testRules(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function testRules(cwd: string): Promise<string> {
  return new Promise((done) => {
    execFile(PROMTOOL, ['test', 'rules', 'suite.yml'], { cwd, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      done(error === null ? '' : `${stdout}${stderr}`.slice(0, 5000) || error.message);
    });
  });
}

function batches(): number[][] {
  return Array.from({ length: HISTORIES / BATCH }, (_, batch) =>
    Array.from({ length: BATCH }, (_unused, index) => batch * BATCH + index),
  );
}

describe.skipIf(missing(PROMTOOL))('in random histories, the rules of Prometheus', () => {
  it.concurrent.each(batches())(
    'have the verdict and the nine checks of the model at each moment: %i, %i, %i, %i, %i, %i, %i, %i',
    async (...seeds) => {
      expect(await runBatch(seeds, readFileSync(RULES, 'utf8'))).toBe('');
    },
    600_000,
  );

  afterAll(() => {
    process.stdout.write(`promtool histories: ${total.histories}, ${total.values} values compared\n`);
  });
});

describe.skipIf(missing(PROMTOOL))('the histories notice it when the rules of Prometheus', () => {
  it.concurrent.each([
    {
      mutation: 'count an instance as watched at once',
      part: '<= time() - 300)\n                and on',
      replacement: '<= time())\n                and on',
    },
    {
      mutation: 'forget what instances told that are gone',
      part: 'label_replace(last_over_time(crossfade:last:timestamp[31d]), "from", "past", "", "")',
      replacement: 'label_replace(crossfade:now:timestamp, "from", "past", "", "")',
    },
    { mutation: 'bridge missing instances for longer', part: '180 * (', replacement: '0 * (' },
  ])(
    '$mutation',
    async ({ part, replacement }) => {
      const rules = readFileSync(RULES, 'utf8');
      expect(rules.split(part)).toHaveLength(2);
      expect(await runBatch([4, 6, 11, 36], rules.replace(part, replacement))).toContain('FAILED');
    },
    600_000,
  );
});
