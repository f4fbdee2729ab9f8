import { afterAll, describe, expect, it } from 'vitest';
import { BROKEN } from './broken-conditions.ts';
import { CONDITIONS } from './conditions.ts';
import { LIMITS } from './judge-history.ts';
import { type Played, playHistory } from './play-history.ts';

/** `npm run test:long` plays 10,000. */
const HISTORIES = Number(process.env['CROSSFADE_RULE_HISTORIES'] ?? 1000);
const PART = 250;

function startsOfParts(): number[] {
  return Array.from({ length: Math.ceil(HISTORIES / PART) }, (_, index) => index * PART);
}

const total = { histories: 0, evaluations: 0, pass: 0, fail: 0, inconclusive: 0, compared: 0, mustPass: 0 };
const excused = Object.fromEntries(LIMITS.map((limit) => [limit, 0])) as Record<(typeof LIMITS)[number], number>;

function add({ evaluations, verdicts, compared, mustPass, excused: limits }: Played): void {
  total.histories += 1;
  total.evaluations += evaluations;
  total.pass += verdicts.pass;
  total.fail += verdicts.fail;
  total.inconclusive += verdicts.inconclusive;
  total.compared += compared;
  total.mustPass += mustPass ? 1 : 0;
  for (const limit of LIMITS) excused[limit] += limits[limit] ?? 0;
}

describe('in random histories of a fleet, its clients and its Prometheus', () => {
  it.each(startsOfParts())(
    'the rules never pass wrongly, pass once it is drained, and agree with the CLI (from %i on)',
    (first) => {
      for (let seed = first; seed < Math.min(first + PART, HISTORIES); seed += 1) {
        const played = playHistory(seed);
        add(played);
        const { wrongPasses, refusals, different, passedInSpiteOfStore } = played;
        expect({ seed, wrongPasses, refusals: refusals.slice(0, 1), different, passedInSpiteOfStore }).toEqual({
          seed,
          wrongPasses: [],
          refusals: [],
          different: [],
          passedInSpiteOfStore: 0,
        });
      }
    },
  );

  afterAll(() => {
    const { histories, evaluations, pass, fail, inconclusive, compared, mustPass } = total;
    const limits = Object.entries(excused).map(([limit, passes]) => `${limit} ${passes}`);
    process.stdout.write(
      `rule histories: ${histories}, ${mustPass} of them drained in the end; ${evaluations} evaluations: ${pass} pass, ${fail} fail, ${inconclusive} inconclusive; ${compared} compared with the CLI; passes that a limit excuses: ${limits.join(', ')}\n`,
    );
    expect(mustPass).toBeGreaterThan(histories / 4);
  });
});

describe('a history shows it when, in the rules,', () => {
  it.each(BROKEN)('$mutation', ({ seed, shows, broken }) => {
    const { wrongPasses, refusals } = playHistory(seed, { ...CONDITIONS, ...broken });
    expect({ wrongPass: wrongPasses.length > 0, refusal: refusals.length > 0 }).toMatchObject({ [shows]: true });
  });
});
