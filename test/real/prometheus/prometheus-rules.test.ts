import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { execute, missing } from '../fixture/real-part.ts';

const deploy = resolve(import.meta.dirname, '../../../deploy');
const prometheus = join(deploy, 'prometheus');

interface Suite {
  readonly tests: readonly { readonly name: string }[];
}

describe.skipIf(missing('promtool'))('the Prometheus rules', () => {
  it('pass promtool, as does the configuration that loads them', () => {
    for (const rules of globSync('*.rules.yml', { cwd: prometheus })) {
      expect(execute('promtool', ['check', 'rules', rules], prometheus), rules).toMatchObject({ code: 0 });
    }
    expect(execute('promtool', ['check', 'config', 'prometheus.yml'], prometheus)).toMatchObject({ code: 0 });
  });

  it('give the values that their tests expect, false zeros included', () => {
    const { code, output } = execute(
      'promtool',
      ['test', 'rules', 'crossfade.rules.test.yml'],
      join(prometheus, 'test'),
    );
    expect(code, output).toBe(0);
  }, 600_000);

  it.each([
    {
      mutation: 'a counter that starts at 1 reads as 0',
      part: /\n {12}or last_over_time\(crossfade_requests_total\{audience="legacy",outcome="accepted"\}\[5m\]\)/,
      replacement: '',
      scenario: /^one legacy request/,
    },
    {
      mutation: 'a counter that was not scraped for a while counts in full',
      part: '(last_over_time(crossfade_requests_total{audience="legacy",outcome="accepted"}[1h] offset 5m)',
      replacement: '(last_over_time(crossfade_requests_total{audience="legacy",outcome="accepted"}[1m] offset 5m)',
      scenario: /^a counter that comes back/,
    },
    {
      mutation: 'a counter that rose while it was not scraped reads as 0',
      part: 'last_over_time(crossfade_requests_total{audience="legacy",outcome="accepted"}[5m])\n              - (',
      replacement: '0 * (',
      scenario: /^a counter that rose while/,
    },
    {
      mutation: 'only accepted legacy tokens count',
      part: 'max by (migration, service) (max_over_time(crossfade_last_seen_timestamp_seconds{audience="legacy"}[5m]))',
      replacement:
        'max by (migration, service) (max_over_time(crossfade_last_seen_timestamp_seconds{audience="none"}[5m]))',
      scenario: /accepted or not$/,
    },
    {
      mutation: 'tokens of both audiences that a close would refuse do not matter',
      part: '{what=~"legacy_seen|issuance_below_100"}',
      replacement: '{what=~"issuance_below_100"}',
      scenario: /^tokens of both audiences that a close would refuse/,
    },
    {
      mutation: 'the counter of tokens that a close would refuse does not matter',
      part: 'what: legacy_seen, witness: after_close_counter',
      replacement: 'what: nothing, witness: after_close_counter',
      scenario: /^a token of both audiences that a close would refuse, in a counter/,
    },
    {
      mutation: 'what instances saw that are gone does not matter',
      part: 'crossfade:now:timestamp or last_over_time(crossfade:last:timestamp[1d])',
      replacement: 'crossfade:now:timestamp',
      scenario: /^not drained for a window after the last legacy token of an instance that is gone$/,
    },
    {
      mutation: 'a meter may see the future',
      part: /clamp_max\(\n( {12}max by \(migration, service\) \(max_over_time\(crossfade_last_seen.*),\n {12}time\(\)\n {10}\)/,
      replacement: '$1',
      scenario: /^a meter with a fast clock/,
    },
    {
      mutation: 'missing meters do not matter',
      part: '(crossfade:coverage:ratio >= bool 0.99)',
      replacement: '(crossfade:coverage:ratio >= bool 0)',
      scenario: /^one unscraped instance/,
    },
    {
      mutation: 'a meter that is silent about legacy watches',
      part: '              and on (migration, job, instance) crossfade_last_seen_timestamp_seconds{audience="legacy"}\n',
      replacement: '',
      scenario: /^an instance that is silent about legacy/,
    },
    {
      mutation: 'no meter is no missing one',
      part: '\n              or on (migration) crossfade:expected_instances:sum * 0',
      replacement: '',
      scenario: /^all meters gone/,
    },
    {
      mutation: 'surplus meters do not matter',
      part: '              and on (migration) crossfade:scraped:ratio <= 1\n',
      replacement: '',
      scenario: /^more instances than expected during a rolling update/,
    },
    {
      mutation: 'surplus meters of the past do not matter',
      part: '(min_over_time(crossfade:scraped:ratio[1h]) > bool 1) * time()',
      replacement: '0 * crossfade:coverage:ratio',
      scenario: /^an instance that may have hidden/,
    },
    {
      mutation: 'a rolling update is a surplus',
      part: 'min_over_time(crossfade:scraped:ratio[1h]) > bool 1',
      replacement: 'crossfade:scraped:ratio > bool 1',
      scenario: /^more instances than expected during a rolling update/,
    },
    {
      mutation: 'two jobs double an instance',
      part: 'count by (migration) (count by (migration, instance) (crossfade:meter_sees_target:bool))',
      replacement: 'count by (migration) (crossfade:meter_sees_target:bool)',
      scenario: /^two jobs/,
    },
    {
      mutation: 'a seeing meter makes up for a blind one',
      part: 'min by (migration) (crossfade:meter_sees_target:bool)',
      replacement: 'max by (migration) (crossfade:meter_sees_target:bool)',
      scenario: /^a meter that sees no target traffic may be blind/,
    },
    {
      mutation: 'tokens that could not be judged do not matter',
      part: 'crossfade:unjudged:increase5m == bool 0',
      replacement: 'crossfade:unjudged:increase5m >= bool 0',
      scenario: /could not be judged/,
    },
    {
      mutation: 'the newest legacy token does not matter',
      part: 'crossfade:last:timestamp{what="legacy_issued"} or crossfade:watched_since:timestamp',
      replacement: 'crossfade:watched_since:timestamp',
      scenario: /^not drained while refresh tokens/,
    },
    {
      mutation: 'the expiry of legacy tokens does not matter',
      part: '+ 300 <= bool time()',
      replacement: '* 0 <= bool time()',
      scenario: /is still valid$/,
    },
    {
      mutation: 'an intermediate rollback does not matter',
      part: '< bool 100) * time()',
      replacement: '< bool 0) * time()',
      scenario: /went back in between/,
    },
    {
      mutation: 'logins that may ask for legacy do not matter',
      part: 'min by (migration) (crossfade_issuance_percent) == bool 100\n      - record: crossfade:drain_check:bool',
      replacement:
        'min by (migration) (crossfade_issuance_percent) >= bool 0\n      - record: crossfade:drain_check:bool',
      scenario: /^not drained while a login may ask/,
    },
    {
      mutation: 'the watch may be younger than the refresh horizon',
      part: 'crossfade:last:timestamp{what="legacy_issued"} or crossfade:watched_since:timestamp',
      replacement: 'crossfade:last:timestamp{what="legacy_issued"}',
      scenario: /^one unscraped instance/,
    },
    {
      mutation: 'valid tokens that the API refuses do not matter',
      part: 'crossfade:last:timestamp{what="valid_unauthorized"})\n            >= bool',
      replacement: 'crossfade:last:timestamp{what="valid_unauthorized"})\n            >= bool 0 *',
      scenario: /^not drained for a window after the API refused/,
    },
    {
      mutation: 'verified disagreements do not matter',
      part: 'crossfade:last:timestamp{what="verified_disagreement"}',
      replacement: 'crossfade:last:timestamp{what="nothing"}',
      scenario: /^not drained for a window after a verified token/,
    },
    {
      mutation: 'a disagreement matters for ever',
      part: '(\n            time() - max by (migration) (crossfade:last:timestamp{what="verified_disagreement"})',
      replacement: '(\n            0 * max by (migration) (crossfade:last:timestamp{what="verified_disagreement"})',
      scenario: /^not drained for a window after a verified token/,
    },
    {
      mutation: 'an unverified disagreement passes',
      part: 'max by (migration) (crossfade:last:timestamp{what=~"(un)?verified_disagreement"})',
      replacement: 'max by (migration) (crossfade:last:timestamp{what="verified_disagreement"})',
      scenario: /^inconclusive for a window after an unverified token/,
    },
    {
      mutation: 'an unverified disagreement fails',
      part: 'max by (migration) (crossfade:last:timestamp{what="verified_disagreement"})',
      replacement: 'max by (migration) (crossfade:last:timestamp{what=~"(un)?verified_disagreement"})',
      scenario: /^inconclusive for a window after an unverified token/,
    },
    {
      mutation: 'the counter of verified disagreements does not matter',
      part: 'what: verified_disagreement, witness: counter',
      replacement: 'what: nothing, witness: counter',
      scenario: /^a disagreement in a counter that is born at 1/,
    },
    {
      mutation: 'the counter of unverified disagreements does not matter',
      part: 'what: unverified_disagreement, witness: counter',
      replacement: 'what: nothing, witness: counter',
      scenario: /^an unverified disagreement in a counter/,
    },
    {
      mutation: 'a disagreement counter that starts at 1 reads as 0',
      part: /\n {12}or last_over_time\(crossfade_disagreements_total\[5m\]\)/,
      replacement: '',
      scenario: /^a disagreement in a counter that is born at 1/,
    },
    {
      mutation: 'disagreements that an instance saw that is gone do not matter',
      part: 'crossfade:now:timestamp or last_over_time(crossfade:last:timestamp[1d])',
      replacement: 'crossfade:now:timestamp',
      scenario: /^a disagreement of an instance that is gone/,
    },
    {
      mutation: 'a restart forgets disagreements',
      part: 'crossfade:now:timestamp or last_over_time(crossfade:last:timestamp[1d])',
      replacement: 'crossfade:now:timestamp',
      scenario: /^a disagreement is remembered/,
    },
    {
      mutation: 'a meter that does not report disagreements saw none',
      part: 'unless on (migration, job, instance) crossfade_last_disagreement_timestamp_seconds',
      replacement: 'unless on (migration, job, instance) crossfade:meter_sees_target:bool',
      scenario: /^a meter that does not report disagreements/,
    },
    {
      mutation: 'what is unknown excuses what fails',
      part: 'min by (migration) (crossfade:drain_check:bool) == 0\n',
      replacement:
        '(min by (migration) (crossfade:drain_check:bool) == 0 and count by (migration) (crossfade:drain_check:bool) == 9)\n',
      scenario: /^an unverified disagreement does not excuse/,
    },
    {
      mutation: 'the disagreement alert ends with the newest counts',
      part: /crossfade:last:timestamp\{what=~"\(un\)\?verified_disagreement"\} > 0\n/,
      replacement: 'crossfade:now:timestamp{what=~"(un)?verified_disagreement"} > 0\n',
      scenario: /^a disagreement of an instance that is gone/,
    },
    {
      mutation: 'the disagreement alert is about those of ever',
      part: /\n +unless time\(\) - crossfade:last:timestamp >= scalar\(crossfade:drain_window:seconds\)/,
      replacement: '',
      scenario: /^not drained for a window after a verified token/,
    },
    {
      mutation: 'a missed scrape pages',
      part: '(last_over_time(crossfade_valid_unauthorized_total[1h] offset 5m)',
      replacement: '(last_over_time(crossfade_valid_unauthorized_total[1m] offset 5m)',
      scenario: /^a missed scrape fires no alert/,
    },
    {
      mutation: 'a counter of minted tokens that starts at 1 reads as 0',
      part: /\n {12}or last_over_time\(crossfade_mints_total\{asked="target",minted="legacy"\}\[5m\]\)/,
      replacement: '',
      scenario: /^a legacy token for a client that chose target/,
    },
    {
      mutation: 'the alert of minted legacy tokens ends with the newest counts',
      part: 'max_over_time(crossfade:minted_legacy:increase5m[1h]) > 0',
      replacement: 'crossfade:minted_legacy:increase5m > 0',
      scenario: /^a legacy token for a client that chose target/,
    },
    {
      mutation: 'minted tokens of an unknown side count',
      part: /crossfade_mints_total\{asked="target",minted="legacy"\}/g,
      replacement: 'crossfade_mints_total{asked="target",minted=~"legacy|unknown"}',
      scenario: /^no alert for what was minted as chosen/,
    },
    {
      mutation: 'minted tokens of clients that chose legacy count',
      part: /crossfade_mints_total\{asked="target",minted="legacy"\}/g,
      replacement: 'crossfade_mints_total{minted="legacy"}',
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
      mutation: 'the alert of an API that never closes ends with the newest counts',
      part: 'max_over_time(crossfade:legacy_taken_after_close:increase5m[1h]) > 0',
      replacement: 'crossfade:legacy_taken_after_close:increase5m > 0',
      scenario: /^an API that takes legacy tokens after the close/,
    },
    {
      mutation: 'keys that an idle side holds are stale',
      part: /\n +and ignoring \(result\) increase\(crossfade_keys_refresh_total\{result="failure"\}\[1h\]\) > 0/,
      replacement: '',
      scenario: /^keys are stale where fetches fail/,
    },
    {
      mutation: 'an idle instance takes over failures',
      part: 'and ignoring (result) increase(crossfade_keys_refresh_total{result="failure"}',
      replacement: 'and on (migration, service, side) increase(crossfade_keys_refresh_total{result="failure"}',
      scenario: /^keys are stale where fetches fail/,
    },
  ])('fail the scenario that covers it when $mutation', ({ part, replacement, scenario }) => {
    const rules = readFileSync(join(prometheus, 'crossfade.rules.yml'), 'utf8');
    const broken = rules.replace(part, replacement);
    expect(broken).not.toBe(rules);
    const suite = parse(readFileSync(join(prometheus, 'test/crossfade.rules.test.yml'), 'utf8')) as Suite;
    const tests = suite.tests.filter(({ name }) => scenario.test(name));
    expect(tests).toHaveLength(1);
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-rules-'));
    try {
      cpSync(prometheus, folder, { recursive: true });
      writeFileSync(join(folder, 'crossfade.rules.yml'), broken);
      writeFileSync(join(folder, 'test/crossfade.rules.test.yml'), stringify({ ...suite, tests }));
      expect(execute('promtool', ['test', 'rules', 'crossfade.rules.test.yml'], join(folder, 'test')).code).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('include the queries of the Grafana dashboard, which promtool parses', () => {
    const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana/crossfade.json'), 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(10);
    const rules = queries.map((expr, index) => ({
      record: `q${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-grafana-'));
    try {
      writeFileSync(join(folder, 'queries.yml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
      const { code, output } = execute('promtool', ['check', 'rules', 'queries.yml'], folder);
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
