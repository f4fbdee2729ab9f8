import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { execute, missing } from '../fixture/real-part.ts';

const prometheus = resolve(import.meta.dirname, '../../../deploy/prometheus');
const suites = globSync('*alerts.test.yml', { cwd: join(prometheus, 'test') }).sort();

interface Suite {
  readonly tests: readonly { readonly name: string }[];
}

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr: string }[];
  }[];
}
/** The names of recorded series and alerts. */
const NAMES = /\bcrossfade:[a-z0-9_:]+|\bCrossfade[A-Z][A-Za-z]+/g;

describe.skipIf(missing('promtool'))('the alerts', () => {
  it('pass promtool where several servers share the rules', () => {
    for (const level of ['level-1.rules.yml', 'level-2.rules.yml']) {
      const { code, output } = execute('promtool', ['check', 'rules', level], join(prometheus, 'sharded'));
      expect(code, output).toBe(0);
    }
  });

  it.skipIf(missing('vmalert'))('are ones that vmalert takes, templates included', () => {
    const { code, output } = execute('vmalert', ['-dryRun', '-rule=crossfade.rules.yml'], prometheus);
    expect(code, output).toBe(0);
  });

  it.each(suites)(
    'fire and resolve when their pages say, and do not where they should not: %s',
    (suite) => {
      const { code, output } = execute('promtool', ['test', 'rules', suite], join(prometheus, 'test'));
      expect(code, output).toBe(0);
    },
    120_000,
  );

  it.each([
    {
      mutation: 'a 401 is known by a counter alone',
      part: 'min by (migration, service) (time() - (crossfade:now:timestamp{what="valid_unauthorized"} > 0)) < 300\n            or ',
      replacement: '',
      scenario: /^one 401 to a valid token/,
    },
    {
      mutation: 'a 401 is known by the clock of its meter alone',
      part: '\n            or sum by (migration, service) (crossfade:valid_unauthorized:rate5m) > 0',
      replacement: '',
      scenario: /^one 401 to a valid token/,
    },
    {
      mutation: 'an incident becomes what is usual',
      part: /\n +unless on \(migration, service\) \(crossfade:rejections_rising:bool == 1 and .*\)/g,
      replacement: '',
      scenario: /^rejections rise against what was usual/,
    },
    {
      mutation: 'an hour of few tokens does not count',
      part: 'crossfade:rejected:rate5m[1h]) * 60 >= 10',
      replacement: 'crossfade:rejected:rate5m[1h]) * 60 >= 1000',
      scenario: /^rejections rise at a small API/,
    },
    {
      mutation: 'one client of a small API is a rise',
      part: 'crossfade:rejected:rate5m[1h]) * 60 >= 10',
      replacement: 'crossfade:rejected:rate5m[1h]) * 60 >= 1',
      scenario: /^rejections rise at a small API/,
    },
    {
      mutation: 'a brownout is a rise of rejections',
      part: 'missing_token|brownout|legacy_closed',
      replacement: 'missing_token|legacy_closed',
      scenario: /^rejections do not rise by 0.02 %/,
    },
    {
      mutation: 'any rise is too high',
      part: '2 * crossfade:rejected_usual:ratio + 0.02',
      replacement: '1 * crossfade:rejected_usual:ratio + 0.02',
      scenario: /^rejections rise against what was usual/,
    },
    {
      mutation: 'a counter of minted tokens that starts at 1 reads as 0',
      part: /\n {12}or last_over_time\(crossfade_mints_total\{asked="target",minted="legacy"\}\[5m\]\)/,
      replacement: '',
      scenario: /^a legacy token for a client that chose target/,
    },
    {
      mutation: 'the alert of minted legacy tokens ends with the newest counts',
      part: 'max_over_time(crossfade:minted_legacy:increase5m[1h])',
      replacement: '(crossfade:minted_legacy:increase5m)',
      scenario: /^a legacy token for a client that chose target/,
    },
    {
      mutation: 'minted tokens of an unknown side count',
      part: /crossfade_mints_total\{asked="target",minted="legacy"\}/g,
      replacement: 'crossfade_mints_total{asked="target",minted=~"legacy|unknown"}',
      scenario: /^no alert for what was minted as chosen/,
    },
    {
      mutation: 'an API whose flags are on their way takes legacy after the close',
      part: /\n +unless on \(migration, job, instance\) \(crossfade_flags_info unless crossfade_flags_info offset 10m\)/,
      replacement: '',
      scenario: /^an API that takes legacy tokens after the close/,
    },
    {
      mutation: 'any token that the plan refuses is legacy after the close',
      part: /crossfade_disagreements_total\{reason="legacy_closed"\}/g,
      replacement: 'crossfade_disagreements_total',
      scenario: /^an API that takes legacy tokens after the close/,
    },
    {
      mutation: 'a legacy token after the close is told by a counter that starts at 1 and reads as 0',
      part: 'last_over_time(crossfade_process_start_timestamp_seconds[1h] offset 5m)\n                  or ',
      replacement: '',
      scenario: /^a legacy token after the close/,
    },
    {
      mutation: 'the disagreement alert ends with its instance',
      part: 'time() - (crossfade:last:timestamp{what=~"(un)?verified_disagreement"} > 0)',
      replacement:
        'time() - max by (migration, what) (crossfade:now:timestamp{what=~"(un)?verified_disagreement"} > 0)',
      scenario: /^a disagreement fires until a drain window/,
    },
    {
      mutation: 'keys that an idle side holds are stale',
      part: /\n +and on \(migration, job, instance, side\) increase\(crossfade_keys_refresh_total\{result="failure"\}\[1h\]\) > 0/,
      replacement: '',
      scenario: /^keys are stale where fetches fail/,
    },
    {
      mutation: 'keys that could not be renewed are missing',
      part: /\n +unless on \(migration, job, instance, side\) crossfade_keys_age_seconds/,
      replacement: '',
      scenario: /^keys that were never had/,
    },
    {
      mutation: 'flags that are not told are different',
      part: 'crossfade:flags_held:count{hash!=""}',
      replacement: 'crossfade:flags_held:count',
      scenario: /^different flags fire/,
    },
    {
      mutation: 'all meters gone is a count of nothing',
      part: 'crossfade:expected_instances:settled > 0\n            and on (migration, service) crossfade:expected_instances:sum > 0\n            unless on (migration, service) crossfade:live_instances:count',
      replacement: 'crossfade:live_instances:count == 0',
      scenario: /^all meters gone fires/,
    },
    {
      mutation: 'a fleet that is removed is gone',
      part: '\n            and on (migration, service) crossfade:expected_instances:sum > 0\n            unless',
      replacement: '\n            unless',
      scenario: /^a fleet that is scaled to zero/,
    },
    {
      mutation: 'the gate that passed is told after the close',
      part: '\n            unless on (migration) max by (migration) (crossfade:accepts:max{audience="legacy"}) == 0',
      replacement: '',
      scenario: /^the gate that passes resolves/,
    },
    {
      mutation: 'a drain as slow as its sessions stands still',
      part: '>= 0.99 * crossfade:legacy:ratio6h',
      replacement: '>= 0.9 * crossfade:legacy:ratio6h',
      scenario: /^a drain that stands still/,
    },
  ])(
    'fail the case that covers it when $mutation',
    ({ part, replacement, scenario }) => {
      const rules = readFileSync(join(prometheus, 'crossfade.rules.yml'), 'utf8');
      const broken = rules.replace(part, replacement);
      expect(broken).not.toBe(rules);
      const [found, ...others] = suites.flatMap((suite) => {
        const parsed = parse(readFileSync(join(prometheus, 'test', suite), 'utf8')) as Suite;
        const tests = parsed.tests.filter(({ name }) => scenario.test(name));
        return tests.length === 0 ? [] : [{ ...parsed, tests }];
      });
      expect(found?.tests).toHaveLength(1);
      expect(others).toEqual([]);
      const folder = mkdtempSync(join(tmpdir(), 'crossfade-alerts-'));
      try {
        cpSync(prometheus, folder, { recursive: true });
        const needed = rulesFor(stringify(found), broken);
        writeFileSync(join(folder, 'crossfade.rules.yml'), needed);
        writeFileSync(join(folder, 'test/one.test.yml'), stringify(found));
        const { code, output } = execute('promtool', ['test', 'rules', 'one.test.yml'], join(folder, 'test'));
        expect(code, output).toBe(1);
        expect(output).toMatch(/exp:/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );
});

/** Leaves out the rules that a case does not need, so that it takes a second. One that names no alert needs all. */
function rulesFor(suite: string, rules: string): string {
  const { groups } = parse(rules) as RuleFile;
  const needed = new Set(suite.match(NAMES));
  if (![...needed].some((name) => name.startsWith('Crossfade'))) return rules;
  for (let known = -1; known < needed.size; ) {
    known = needed.size;
    for (const { record, alert, expr } of groups.flatMap((group) => group.rules)) {
      if (needed.has(record ?? alert ?? '')) for (const name of expr.match(NAMES) ?? []) needed.add(name);
    }
  }
  const kept = groups.map((group) => ({
    ...group,
    rules: group.rules.filter(({ record, alert }) => needed.has(record ?? alert ?? '')),
  }));
  return stringify({ groups: kept.filter((group) => group.rules.length > 0) });
}
