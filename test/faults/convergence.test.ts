import { expect, it } from 'vitest';
import { type Convergence, rollBackUnder } from './convergence.ts';

/** `CROSSFADE_CONVERGENCE=15x100` polls as AWS does, with 100 processes, and takes half a minute. */
const [intervalSeconds = 1, count = 20] = (process.env['CROSSFADE_CONVERGENCE'] ?? '1x20').split('x').map(Number);

it('reaches every process with its next poll, within one poll interval', async () => {
  const convergence = await rollBackUnder(count, intervalSeconds);
  process.stdout.write(`${describeConvergence(convergence)}\n`);
  // A poll that was under way when the rollback was accepted may have read the flags before it.
  expect(Math.max(...convergence.polls)).toBeLessThanOrEqual(2);
  // Half an interval of slack, and at least four seconds, for a slow machine.
  const slackMs = Math.max(4000, intervalSeconds * 500);
  expect(Math.max(...convergence.shownMs)).toBeLessThan(convergence.acceptedMs + intervalSeconds * 1000 + slackMs);
}, 120_000);

function describeConvergence({ acceptedMs, shownMs, polls }: Convergence): string {
  const sorted = [...shownMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const worst = at(1);
  return [
    `rollback with ${sorted.length} processes that poll every ${intervalSeconds} s: accepted after ${seconds(acceptedMs)};`,
    `shown after ${seconds(at(0.5))} (median), ${seconds(at(0.95))} (95 %), ${seconds(worst)} (worst),`,
    `at most ${Math.max(...polls)} poll(s) after it was accepted`,
  ].join(' ');
}
