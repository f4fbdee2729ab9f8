import { expect, it } from 'vitest';
import { type Convergence, rollBackUnder } from './convergence.ts';

/** `CROSSFADE_CONVERGENCE=15x100` polls as AWS does, with 100 processes, and takes half a minute. */
const [intervalSeconds = 1, count = 20] = (process.env['CROSSFADE_CONVERGENCE'] ?? '1x20').split('x').map(Number);

it('reaches every process with its next look, so within one poll interval', async () => {
  const convergence = await rollBackUnder(count, intervalSeconds);
  process.stdout.write(`${describeConvergence(convergence)}\n`);
  // One that was under way when the rollback was accepted may have asked before it, and is no later for it.
  expect(Math.max(...convergence.looks)).toBeLessThanOrEqual(2);
  // Half an interval of room, and at least four seconds, for a machine that is slow by itself.
  const roomMs = Math.max(4000, intervalSeconds * 500);
  expect(Math.max(...convergence.shownMs)).toBeLessThan(convergence.acceptedMs + intervalSeconds * 1000 + roomMs);
}, 120_000);

function describeConvergence({ acceptedMs, shownMs, looks }: Convergence): string {
  const sorted = [...shownMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const worst = at(1);
  return [
    `rollback with ${sorted.length} processes that poll each ${intervalSeconds} s: accepted after ${seconds(acceptedMs)};`,
    `shown after ${seconds(at(0.5))} (median), ${seconds(at(0.95))} (95 %), ${seconds(worst)} (worst),`,
    `at most ${Math.max(...looks)} look(s) after it was accepted`,
  ].join(' ');
}
