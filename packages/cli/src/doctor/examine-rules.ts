import { formatDuration } from '@crossfade/core';
import { z } from 'zod';
import { type Finding, fail, pass, unknown, warn } from './finding.ts';
import { ruleFingerprint } from './rule-fingerprint.ts';
import { SHIPPED_RULES } from './shipped-rules.ts';

const ruleSchema = z.object({
  name: z.string(),
  query: z.string(),
  /** How long an alert waits, in seconds. */
  duration: z.number().optional(),
  health: z.string().optional(),
  lastError: z.string().optional(),
});
const groupSchema = z.object({
  name: z.string(),
  /** In seconds. */
  interval: z.number(),
  lastEvaluation: z.string().optional(),
  rules: z.array(ruleSchema),
});
/** The response of `/api/v1/rules`. */
export const rulesSchema = z.object({ data: z.object({ groups: z.array(groupSchema) }) });
type RuleGroup = z.infer<typeof groupSchema>;

const GROUPS: readonly string[] = [...new Set(SHIPPED_RULES.map(([group]) => group))];
/** Groups that each shard evaluates, where there is more than one Prometheus. */
const LEVEL_1 = /^crossfade-level-1/;
const LOAD = 'load deploy/prometheus/crossfade.rules.yml of this release';
/** A group is late after this many intervals. */
const LATE_AFTER = 3;
/** The rules take a longer time between two evaluations for a stop of Prometheus, and count nothing of it as unwatched. */
const LONGEST_INTERVAL_SECONDS = 60;

/** Checks that the rules of this release are loaded, evaluate without an error, and did so lately. */
export function examineRules(groups: readonly RuleGroup[], nowMs: number): readonly Finding[] {
  const own = groups.filter(({ name }) => GROUPS.includes(name));
  const hasLevel1 = own.some(({ name }) => LEVEL_1.test(name));
  const needed = hasLevel1 ? GROUPS : GROUPS.filter((name) => !LEVEL_1.test(name));
  const absent = needed.filter((name) => !own.some((group) => group.name === name));
  if (absent.length > 0)
    return [
      fail(
        'rules',
        `Prometheus has no rule group ${absent.join(', ')}`,
        `${LOAD}, and one of the two beside it that tell how many instances are expected`,
      ),
    ];
  const findings = [
    ...examineErrors(own),
    ...examineAge(own, nowMs),
    ...examineIntervals(own),
    ...examineCopies(own),
    ...examineContent(
      own,
      SHIPPED_RULES.filter(([group]) => needed.includes(group)),
    ),
  ];
  if (!hasLevel1)
    findings.push(
      unknown(
        'rules',
        'this Prometheus evaluates level 2 only: what the rule groups of level 1 are elsewhere is not known',
        'see that each Prometheus that scrapes instances loads the groups crossfade-level-1 and sends what they record to this one',
      ),
    );
  if (findings.length > 0) return findings;
  return [
    pass('rules', `${SHIPPED_RULES.length} rules are loaded as this release ships them, and evaluate without an error`),
  ];
}

function examineErrors(groups: readonly RuleGroup[]): readonly Finding[] {
  const broken = groups.flatMap(({ rules }) => rules.filter(({ health }) => health === 'err'));
  if (broken.length === 0) return [];
  const names = [...new Set(broken.map(({ name }) => name))].join(', ');
  return [
    fail(
      'rules',
      `rules do not evaluate: ${names}`,
      'see /rules of Prometheus for the error: two jobs that scrape one instance are the usual cause',
    ),
  ];
}

/** A group that was just loaded has not been evaluated yet. */
function examineAge(groups: readonly RuleGroup[], nowMs: number): readonly Finding[] {
  return groups.flatMap(({ name, interval, lastEvaluation }) => {
    const evaluatedMs = Date.parse(lastEvaluation ?? '');
    if (!(evaluatedMs > 0))
      return [
        warn(
          'rules',
          `the rule group ${name} was not evaluated yet`,
          `ask again after ${formatDuration(interval * 1000)}`,
        ),
      ];
    const ageMs = nowMs - evaluatedMs;
    if (ageMs <= LATE_AFTER * interval * 1000) return [];
    return [
      fail(
        'rules',
        `the rule group ${name} was evaluated ${formatDuration(ageMs)} ago, at an interval of ${formatDuration(interval * 1000)}`,
        'see the log of Prometheus: it may be overloaded, or the rules take longer than their interval',
      ),
    ];
  });
}

function examineIntervals(groups: readonly RuleGroup[]): readonly Finding[] {
  const slow = groups.filter(({ interval }) => interval > LONGEST_INTERVAL_SECONDS);
  if (slow.length === 0) return [];
  const each = slow.map(({ name, interval }) => `${name} every ${formatDuration(interval * 1000)}`).join(', ');
  const detail = `rule groups are evaluated too rarely: ${each}: what is not watched between two evaluations is not counted`;
  return [fail('rules', detail, 'keep the intervals of the file: a minute at most')];
}

/** Level 1 is there once for each shard. */
function examineCopies(groups: readonly RuleGroup[]): readonly Finding[] {
  const names = groups.map(({ name }) => name).filter((name) => !LEVEL_1.test(name));
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  if (twice.length === 0) return [];
  return [
    warn(
      'rules',
      `rule groups are loaded more than once: ${twice.join(', ')}`,
      'load one of the files alone: rules of two releases judge by turns',
    ),
  ];
}

function examineContent(groups: readonly RuleGroup[], rules: typeof SHIPPED_RULES): readonly Finding[] {
  const loaded = groups.flatMap((group) =>
    group.rules.map(({ name, query, duration }) => `${name} ${ruleFingerprint(query, duration)}`),
  );
  const shipped = rules.map(([, name, fingerprint]) => `${name} ${fingerprint}`);
  const lacking = namesOf(shipped.filter((entry) => !loaded.includes(entry)));
  const surplus = namesOf(loaded.filter((entry) => !shipped.includes(entry)));
  const changed = lacking.filter((name) => surplus.includes(name));
  const absent = lacking.filter((name) => !changed.includes(name));
  const foreign = surplus.filter((name) => !changed.includes(name));
  const findings: Finding[] = [];
  if (absent.length > 0)
    findings.push(fail('rules', `Prometheus lacks rules of this release: ${absent.join(', ')}`, LOAD));
  if (changed.length > 0)
    findings.push(
      warn(
        'rules',
        `rules differ from those of this release: ${changed.join(', ')}`,
        `${LOAD}, unless you changed them on purpose`,
      ),
    );
  if (foreign.length > 0)
    findings.push(
      warn(
        'rules',
        `the groups hold rules that this release does not ship: ${foreign.join(', ')}`,
        `${LOAD}; keep rules of your own in a group of their own`,
      ),
    );
  return findings;
}

function namesOf(entries: readonly string[]): string[] {
  return [...new Set(entries.map((entry) => entry.slice(0, entry.lastIndexOf(' '))))];
}
