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
  const others = ['level-1-counts', 'level-1-traffic', 'level-1-state', 'level-2', 'level-2-traffic', 'alerts'];
  return [
    { ...group, name: 'crossfade-level-1' },
    ...others.map((name) => ({ ...group, name: `crossfade-${name}`, rules: [] })),
  ];
}

const details = (...args: Parameters<typeof examineRules>) =>
  examineRules(...args).map(({ verdict, detail }) => `${verdict}: ${detail}`);

describe('examineRules', () => {
  it('fails without the groups', () => {
    expect(details([], NOW_MS)).toEqual([
      'fail: Prometheus has no rule group crossfade-level-2, crossfade-level-2-traffic, crossfade-alerts',
    ]);
  });

  it('fails without a part of level 1, and does not know of a level 1 that is in the shards', () => {
    const loaded = groups();
    expect(details(loaded.slice(1), NOW_MS)).toEqual(['fail: Prometheus has no rule group crossfade-level-1']);
    const above = loaded.filter(({ name }) => !name.startsWith('crossfade-level-1'));
    expect(details(above, NOW_MS)).toContainEqual(expect.stringMatching(/^unknown: this Prometheus evaluates level 2/));
    expect(details(above, NOW_MS).join()).not.toContain('crossfade:watched_instances:count');
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
      'fail: the rule group crossfade-level-1 was evaluated 10m 10s ago, at an interval of 30s',
    );
  });

  it('fails on a group whose interval is longer than the rules bear', () => {
    const slow = groups().map((group) => (group.name === 'crossfade-level-2' ? { ...group, interval: 120 } : group));
    expect(details(slow, NOW_MS)).toContainEqual(
      expect.stringMatching(/^fail: rule groups are evaluated too rarely: crossfade-level-2 every 2m: /),
    );
    expect(details(groups(), NOW_MS).join()).not.toContain('too rarely');
  });

  it('warns of two files with the same groups, unless they are level 1 of several shards', () => {
    const one = { name: 'crossfade:drained:bool', query: 'vector(1)', health: 'ok' };
    const [first, ...rest] = groups([one]);
    const once = details([...(first ? [first, first] : []), ...rest], NOW_MS);
    expect(once.join()).not.toContain('more than once');
    const level2 = rest.find(({ name }) => name === 'crossfade-level-2');
    const twice = details([...(first ? [first] : []), ...rest, ...(level2 ? [level2] : [])], NOW_MS);
    expect(twice).toContain('warn: rule groups are loaded more than once: crossfade-level-2');
  });

  it('warns of a group that was not evaluated yet', () => {
    const fresh = groups().map((group) => ({ ...group, lastEvaluation: '0001-01-01T00:00:00Z' }));
    expect(details(fresh, NOW_MS)).toContain('warn: the rule group crossfade-level-1 was not evaluated yet');
  });
});
