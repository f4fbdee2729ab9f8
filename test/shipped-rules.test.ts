import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDurationMs } from '@crossfade/core';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ruleFingerprint } from '../packages/cli/src/doctor/rule-fingerprint.ts';

const RULES = join(import.meta.dirname, '../deploy/prometheus/crossfade.rules.yml');

interface RuleFile {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly record?: string;
      readonly alert?: string;
      readonly expr: string;
      readonly for?: string;
    }[];
  }[];
}

/** After a change of the rules: `npx vitest run --config test/vitest.config.ts --project house shipped-rules -u`. */
it('lists every rule that deploy/ ships, with the hash of its content', async () => {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as RuleFile;
  const entries = groups.flatMap(({ name, rules }) =>
    rules.map(({ record, alert, expr, for: wait }) => {
      const seconds = wait === undefined ? 0 : (parseDurationMs(wait) ?? Number.NaN) / 1000;
      return `  ['${name}', '${record ?? alert}', '${ruleFingerprint(expr, seconds)}'],`;
    }),
  );
  const source = [
    '/** The rules of `deploy/prometheus/crossfade.rules.yml`, each with the hash of its content. A test writes this file. */',
    'export const SHIPPED_RULES: readonly (readonly [group: string, name: string, fingerprint: string])[] = [',
    ...entries,
    '];',
    '',
  ].join('\n');
  await expect(source).toMatchFileSnapshot('../packages/cli/src/doctor/shipped-rules.ts');
});

it('does not depend on spaces, brackets, comments, the order of matchers and the units of durations', () => {
  expect(ruleFingerprint('(\n  sum by (a) (x{b="1",c!="2"}[5m]) > 2 # why\n)')).toBe(
    ruleFingerprint('sum by (a) (x{c!="2",b="1"}[5m]) > 2'),
  );
  expect(ruleFingerprint('x[90s] offset 120m')).toBe(ruleFingerprint('x[1m30s] offset 2h'));
  expect(ruleFingerprint('(x > 0)[3m:30s]')).not.toBe(ruleFingerprint('(x > 0)[3m:1m]'));
  expect(ruleFingerprint('x > 2')).not.toBe(ruleFingerprint('x >= 2'));
  expect(ruleFingerprint('x > 2')).not.toBe(ruleFingerprint('x > 3'));
  expect(ruleFingerprint('x > 2', 300)).not.toBe(ruleFingerprint('x > 2', 600));
});
