import { createHash } from 'node:crypto';

/** Names, numbers and operators of PromQL; comments, spaces, quotes and brackets are left out. */
const WORDS = /[A-Za-z0-9_:.]+|[<>=!~+*/-]+/g;

/**
 * Returns a short hash of a rule's expression, and of how long an alert waits. It is the same before and after Prometheus
 * prints it: spaces, brackets and the order of label matchers do not count.
 */
export function ruleFingerprint(expression: string, waitSeconds = 0): string {
  const words = expression.replace(/#.*$/gm, '').match(WORDS) ?? [];
  const content = `${words.sort().join(' ')} for ${waitSeconds}`;
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}
