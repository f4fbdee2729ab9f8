import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { promtoolFile } from './real/prometheus/fixture/promtool.ts';
import { FALSE_ZEROS } from './real/prometheus/rule-cases/false-zeros.ts';
import { FLEETS } from './real/prometheus/rule-cases/fleets.ts';
import { NOT_DRAINED } from './real/prometheus/rule-cases/not-drained.ts';
import { promtoolTest } from './real/prometheus/rule-cases/rule-case.ts';

const HEAD = `# promtool test rules crossfade.rules.test.yml
# Fleets, and what the rules have to say of them. Each is a migration whose name tells its case; the window is 20 minutes here, the
# horizon 30. A test writes this file from test/real/prometheus/rule-cases, where more of them are.
`;
const ORDER = ['crossfade-expected', 'crossfade-level-1', 'crossfade-level-1-counts', 'crossfade-level-2'];

/** After a change of the cases: `npx vitest run --config test/vitest.config.ts --project house shipped-rule-tests -u`. */
it('ships the main cases of the rules as a file that promtool runs', async () => {
  const tests = [
    ['where a sum would read 0', FALSE_ZEROS],
    ['what holds up the drain', NOT_DRAINED],
    ['what fleets do every day', FLEETS],
  ] as const;
  const file = promtoolFile(
    tests.map(([name, cases]) =>
      promtoolTest(
        name,
        cases.filter(({ isShipped }) => isShipped === true),
      ),
    ),
    ['../crossfade.rules.yml', '../crossfade.expected.rules.yml'],
    ORDER,
    '1m',
  );
  await expect(HEAD + stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })).toMatchFileSnapshot(
    '../deploy/prometheus/test/crossfade.rules.test.yml',
  );
});
