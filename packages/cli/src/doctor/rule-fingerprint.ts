import { createHash } from 'node:crypto';

/** Names, numbers and operators of PromQL; comments, spaces, quotes and brackets are left out. */
const WORDS = /[A-Za-z0-9_:.]+|[<>=!~+*/-]+/g;
const DURATION = /(\d+)(ms|[smhdwy])/g;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/**
 * Returns a short hash of a rule's expression, and of how long an alert waits. It is the same before and after Prometheus
 * prints it: spaces, brackets, the order of label matchers and the units of durations (90s, 1m30s) do not count.
 */
export function ruleFingerprint(expression: string, waitSeconds = 0): string {
  const words = expression.replace(/#.*$/gm, '').match(WORDS) ?? [];
  const content = `${words.map(inMs).sort().join(' ')} for ${waitSeconds}`;
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}

/** Returns a duration, or the two of a subquery (`3m:30s`), in milliseconds; any other word as it is. */
function inMs(word: string): string {
  if (!/^(\d+(ms|[smhdwy]))+(:|$)/.test(word)) return word;
  const totalMs = (text: string) =>
    [...text.matchAll(DURATION)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
  return word.split(':').map(totalMs).join(':');
}
