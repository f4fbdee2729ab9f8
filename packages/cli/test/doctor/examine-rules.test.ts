import { describe, expect, it } from 'vitest';
import { examineRules } from '../../src/doctor/examine-rules.ts';
import { NOW_MS } from '../fixture/workplace.ts';

interface Rule {
  name: string;
  query: string;
  health: string;
}

/** Rules of other content than the shipped ones: a real Prometheus has those (test/real/operator/doctor.test.ts). */
function groups(rules: readonly Rule[] = []) {
  const lastEvaluation = new Date(NOW_MS - 10_000).toISOString();
  const group = { interval: 30, lastEvaluation, rules: [...rules] };
  return [
    { ...group, name: 'crossfade' },
    { ...group, name: 'crossfade-alerts', rules: [] },
  ];
}

const details = (...args: Parameters<typeof examineRules>) =>
  examineRules(...args).map(({ verdict, detail }) => `${verdict}: ${detail}`);

describe('examineRules', () => {
  it('fails without the groups', () => {
    expect(details([], NOW_MS)).toEqual(['fail: Prometheus has no rule group crossfade and none crossfade-alerts']);
  });

  it('fails on rules that are missing, and warns of those that differ or are foreign', () => {
    const rules = [
      { name: 'crossfade:drained:bool', query: 'vector(1)', health: 'ok' },
      { name: 'mine', query: 'up', health: 'ok' },
    ];
    const [missing, differing, foreign] = details(groups(rules), NOW_MS);
    expect(missing).toMatch(/^fail: Prometheus lacks rules of this release: .*CrossfadeMeterMissing/);
    expect(missing).not.toContain('crossfade:drained:bool');
    expect(differing).toBe('warn: rules differ from those of this release: crossfade:drained:bool');
    expect(foreign).toBe('warn: the groups hold rules that this release does not ship: mine');
  });

  it('fails on a rule that does not evaluate, and on a group that was not evaluated lately', () => {
    const broken = [{ name: 'crossfade:drained:bool', query: 'vector(1)', health: 'err' }];
    expect(details(groups(broken), NOW_MS)).toContain('fail: rules do not evaluate: crossfade:drained:bool');
    expect(details(groups(), NOW_MS + 600_000)).toContain(
      'fail: the rule group crossfade was evaluated 10m 10s ago, at an interval of 30s',
    );
  });

  it('warns of a group that was not evaluated yet', () => {
    const fresh = groups().map((group) => ({ ...group, lastEvaluation: '0001-01-01T00:00:00Z' }));
    expect(details(fresh, NOW_MS)).toContain('warn: the rule group crossfade was not evaluated yet');
  });
});
