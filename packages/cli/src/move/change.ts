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
import { behindIn, type Convergence, timeToEffectMs, waitBoundMs, waitForFleet } from './convergence.ts';

/** A change that is written, and how far the fleet has followed. */
export interface WrittenChange {
  readonly receipt: WriteReceipt;
  readonly convergence: Convergence;
}

/** All it takes to change the switches of one migration. */
export interface ChangeTools {
  readonly plan: MigrationPlan;
  readonly writer: FlagWriter;
  readonly fleet: Fleet | undefined;
  readonly invocation: Invocation;
}

/**
 * Writes a change of the switches, then waits (bounded) until every meter shows it.
 * @throws what `FlagWriter.write` throws; nothing is written then.
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

/** Waits (bounded) until every meter shows what was written on top of an issuance of `percentBefore`. */
export async function confirmChange(
  { plan, fleet, invocation }: ChangeTools,
  receipt: WriteReceipt,
  change: SwitchChange,
  percentBefore: number,
): Promise<WrittenChange> {
  const wanted = {
    revision: receipt.revision,
    percent: change.issuance?.percent ?? percentBefore,
    ...(change.acceptance !== undefined && { acceptance: change.acceptance }),
  };
  const boundMs = waitBoundMs(plan, fleet);
  const convergence = await waitForFleet(fleet, boundMs, (look) => behindIn(look, wanted), invocation);
  return { receipt, convergence };
}

/** Written and seen is done; written and not seen everywhere is for the operator to look at. */
export function exitCodeOf({ convergence }: WrittenChange): ExitCode {
  return convergence.convergedAtMs === null ? EXIT.inconclusive : EXIT.done;
}

export function sayChange(report: Report, plan: MigrationPlan, { receipt, convergence }: WrittenChange): void {
  const { convergedAtMs, meters, tookMs, pending } = convergence;
  report.field('written', `revision ${receipt.revision} at ${formatInstant(receipt.writtenAtMs)}`);
  if (receipt.stopped !== undefined) report.field('stopped', receipt.stopped);
  report.field('effect', `everything that reads the flags follows within ${formatDuration(timeToEffectMs(plan))}`);
  if (convergedAtMs !== null) {
    report.field('confirmed', `${meters} of ${meters} meters show it, after ${formatDuration(tookMs)}`, 'green');
    return;
  }
  for (const { meter, why } of pending) report.field('unconfirmed', `${meter}: ${why}`, 'yellow');
  report.warn(
    `The change is written, but not everybody has shown it after ${formatDuration(tookMs)}. Look after each one named above, then watch it with: crossfade status`,
  );
}

/** The change as `--json` prints it. */
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
