import {
  type FlagWriter,
  formatDuration,
  formatInstant,
  type MigrationPlan,
  type SwitchChange,
  type WriteReceipt,
} from '@crossfade/core';
import type { StoredPosition } from '../flag-store/flag-position.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation } from '../verb/verb.ts';
import { type Convergence, convergenceTimeoutMs, metersBehind, timeToEffectMs, waitForFleet } from './convergence.ts';

/** A change that is written, and whether the fleet shows it. */
export interface WrittenChange {
  readonly receipt: WriteReceipt;
  readonly convergence: Convergence;
}

/** What it takes to change the switches of one migration. */
export interface ChangeTools {
  readonly plan: MigrationPlan;
  readonly writer: FlagWriter;
  readonly fleet: Fleet | undefined;
  readonly invocation: Invocation;
}

/**
 * Writes a change of the switches, then waits until every meter shows it or the timeout is over.
 * @throws what `FlagWriter.write` throws; then nothing is written.
 */
export async function writeChange(
  tools: ChangeTools,
  { stored, document }: StoredPosition,
  change: SwitchChange,
  urgency: 'planned' | 'emergency',
): Promise<WrittenChange> {
  const receipt = await tools.writer.write(change, stored, urgency);
  return confirmChange(tools, receipt, change, document.issuance.percent);
}

/** Waits until every meter shows a written change or the timeout is over. `percentBefore`: the issuance share before it. */
export async function confirmChange(
  { plan, fleet, invocation }: ChangeTools,
  receipt: WriteReceipt,
  change: SwitchChange,
  percentBefore: number,
): Promise<WrittenChange> {
  const expected = {
    revision: receipt.revision,
    percent: change.issuance?.percent ?? percentBefore,
    ...(change.acceptance !== undefined && { acceptance: change.acceptance }),
  };
  const timeoutMs = convergenceTimeoutMs(plan, fleet);
  const convergence = await waitForFleet(fleet, timeoutMs, (snapshot) => metersBehind(snapshot, expected), invocation);
  return { receipt, convergence };
}

/** `done` once every meter shows the change; else `inconclusive`, and the operator must check. */
export function exitCodeOf({ convergence }: WrittenChange): ExitCode {
  return convergence.convergedAtMs === null ? EXIT.inconclusive : EXIT.done;
}

export function printChange(report: Report, plan: MigrationPlan, { receipt, convergence }: WrittenChange): void {
  const { convergedAtMs, meters, tookMs, pending } = convergence;
  report.field('written', `revision ${receipt.revision} at ${formatInstant(receipt.writtenAtMs)}`);
  if (receipt.stopped !== undefined) report.field('stopped', receipt.stopped);
  report.field('effect', `all readers of the flags follow within ${formatDuration(timeToEffectMs(plan))}`);
  if (convergedAtMs !== null) {
    report.field('confirmed', `${meters} of ${meters} meters show it, after ${formatDuration(tookMs)}`, 'green');
    return;
  }
  for (const { meter, why } of pending) report.field('unconfirmed', `${meter}: ${why}`, 'yellow');
  report.warn(
    `The change is written, but not every meter shows it after ${formatDuration(tookMs)}. Check each one named above, then run: crossfade status`,
  );
}

/** Returns the change as `--json` prints it. */
export function changeJson(plan: MigrationPlan, { receipt, convergence }: WrittenChange): Record<string, unknown> {
  return {
    revision: receipt.revision,
    writtenAt: formatInstant(receipt.writtenAtMs),
    stopped: receipt.stopped ?? null,
    timeToEffectSeconds: timeToEffectMs(plan) / 1000,
    convergedAt: formatInstant(convergence.convergedAtMs),
    pending: convergence.pending,
  };
}
