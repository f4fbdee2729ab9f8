import {
  CrossfadeError,
  type FlagWriter,
  formatDuration,
  formatInstant,
  type MigrationPlan,
  type MoveNote,
  type SwitchChange,
  UnavailableError,
  type WriteReceipt,
} from '@crossfade/core';
import { readStoredPosition, type StoredPosition } from '../flag-store/flag-position.ts';
import { type MeterApart, storeFlagsOf } from '../fleet/flags-held.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { pollIntervalMs } from '../fleet/fleet-evidence.ts';
import { type LeftOut, leftOutOf, withoutMeters } from '../fleet/without-meters.ts';
import type { ReceiptJson, WrittenChangeJson } from '../json/moves-json.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation } from '../verb/verb.ts';
import {
  type Convergence,
  convergenceTimeoutMs,
  type ExpectedPosition,
  metersBehind,
  waitForFleet,
} from './convergence.ts';
import { hasPosition, NOT_SHOWN, overtaken, watchingStore } from './watch-store.ts';

/** A change that is written, and whether the fleet shows it. */
export interface WrittenChange {
  readonly receipt: WriteReceipt;
  readonly convergence: Convergence;
  /** Whom nothing waited for; absent where the fleet was not read. */
  readonly leftOut?: LeftOut;
}

/** What it takes to change the switches of one migration. */
export interface ChangeTools {
  readonly plan: MigrationPlan;
  readonly writer: FlagWriter;
  readonly fleet: Fleet | undefined;
  readonly invocation: Invocation;
}

/**
 * Writes a change of the switches, says so at once, then waits until every meter shows it or the timeout is over.
 * @throws what `FlagWriter.write` throws; then nothing is written.
 */
export async function writeChange(
  tools: ChangeTools,
  { stored, document }: StoredPosition,
  change: SwitchChange,
  { urgency, note }: { readonly urgency: 'planned' | 'emergency'; readonly note: MoveNote },
): Promise<WrittenChange> {
  const receipt = await tools.writer.write(change, stored, urgency, note);
  printWritten(tools, receipt);
  return confirmChange(tools, receipt, change, document.issuance.percent);
}

/** Says that a change is written, when it takes effect, and what it stopped: before any wait. */
export function printWritten({ plan, invocation: { report } }: ChangeTools, receipt: WriteReceipt): void {
  if (receipt.leftAlone !== undefined) report.field('left alone', receipt.leftAlone);
  else report.field('written', `revision ${receipt.revision} at ${formatInstant(receipt.writtenAtMs)}`);
  if (receipt.stopped !== undefined) report.field('stopped', receipt.stopped);
  if (receipt.unrecorded !== undefined) report.warn(`The move is written, and not recorded: ${receipt.unrecorded}`);
  report.field('effect', `all readers of the flags follow within ${formatDuration(pollIntervalMs(plan))}`);
}

/**
 * Waits until every meter shows a written change or the timeout is over.
 * @throws `ConflictError` when another writer moves the switches meanwhile.
 * @param percentBefore the issuance share before it.
 * @param without names of instances that nothing waits for.
 */
export async function confirmChange(
  { plan, fleet, writer, invocation }: ChangeTools,
  receipt: WriteReceipt,
  change: SwitchChange,
  percentBefore: number,
  without: readonly string[] = [],
): Promise<WrittenChange> {
  const [stands, shownSinceMs] = await Promise.all([readBack(writer), fleet && presentOf(fleet, invocation)]);
  const expected: ExpectedPosition = {
    revision: receipt.revision,
    percent: change.issuance?.percent ?? percentBefore,
    ...(change.acceptance !== undefined && { acceptance: change.acceptance }),
    ...(change.brownout !== undefined && { brownout: change.brownout }),
    ...(stands !== undefined && { store: storeFlagsOf(stands) }),
  };
  // The flags of another writer confirm nothing of this change, however soon every meter shows them.
  if (stands !== undefined && !hasPosition(stands.document, expected)) throw await overtaken(writer, NOT_SHOWN);
  let leftOut: LeftOut | undefined;
  const convergence = await waitForFleet(
    fleet && watchingStore(fleet, writer, expected),
    {
      timeoutMs: convergenceTimeoutMs(plan, fleet),
      frame: { parts: ['flags'], names: without, hash: expected.store?.hash, shownSinceMs },
      pendingIn(snapshot) {
        // An interrupted read misses meters that respond.
        if (!invocation.signal.aborted) leftOut = leftOutOf(snapshot, without);
        return metersBehind(withoutMeters(snapshot, without), expected);
      },
    },
    invocation,
  );
  return { receipt, convergence, ...(leftOut !== undefined && { leftOut }) };
}

/**
 * What an instance showed before the write proves nothing, even if it is the same: another write may lie in between. By the
 * clock of the source; by this one where it cannot be asked now.
 */
async function presentOf(fleet: Fleet, { now }: Pick<Invocation, 'now'>): Promise<number | undefined> {
  try {
    return await fleet.presentMs?.();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return now();
  }
}

/** `undefined` where the store cannot be read or its document is broken: the change is written all the same. */
async function readBack(writer: FlagWriter): Promise<StoredPosition | undefined> {
  try {
    return await readStoredPosition(writer);
  } catch (error) {
    if (error instanceof CrossfadeError) return undefined;
    throw error;
  }
}

/** What became of a written change: `done` once every meter shows it; else the operator must check. */
export function outcomeOf({ convergence }: WrittenChange): 'done' | 'unconfirmed' {
  return convergence.convergedAtMs === null ? 'unconfirmed' : 'done';
}

export function exitCodeOf(written: WrittenChange): ExitCode {
  return outcomeOf(written) === 'done' ? EXIT.done : EXIT.inconclusive;
}

/** Says whether the fleet shows a written change. */
export function printConfirmation(report: Report, { convergence, leftOut }: WrittenChange): void {
  const { convergedAtMs, tookMs, pending } = convergence;
  for (const meter of leftOut?.meters ?? [])
    report.field('left out', `${meter}: whether it follows is not known`, 'yellow');
  for (const name of leftOut?.unknown ?? [])
    report.warn(
      `--without ${printableMeter(name)}: no such meter is known. Known: ${leftOut?.known.join(', ') || 'none'}`,
    );
  if (convergedAtMs !== null) {
    const meters = convergence.meters - (leftOut?.responding ?? 0);
    if (meters > 0)
      report.field('confirmed', `${meters} of ${meters} meters show it, after ${formatDuration(tookMs)}`, 'green');
    else report.field('unconfirmed', 'no meter is left to ask', 'yellow');
    return;
  }
  for (const { meter, why } of pending) report.field('unconfirmed', `${meter}: ${why}`, 'yellow');
  report.warn(
    `The change is written, but not every meter shows it after ${formatDuration(tookMs)}. Check each one named above, then run: crossfade status`,
  );
  report.field('read on', `crossfade runbook ${pending.some(isOfOtherStore) ? 'flag-store-down' : 'sidecar-down'}`);
}

function isOfOtherStore({ isHopeless }: MeterApart): boolean {
  return isHopeless === true;
}

/** The command that leaves out what does not respond, to paste. An instance that responds is not gone. */
export function withoutCommand({ leftOut }: WrittenChange): string {
  const gone = leftOut?.missing ?? [];
  return `crossfade rollback --without ${gone.length === 0 ? '<instance>' : [...(leftOut?.meters ?? []), ...gone].join(',')}`;
}

/** `host:port`, or a URL: not the name of a source. */
const METER = /^(?:https?:\/\/)?[\w.[\]:-]{1,200}:\d{1,5}$/;

/** A word on the command line may be a token in the wrong place. */
function printableMeter(name: string): string {
  return METER.test(name) ? name : 'names';
}

/** Returns the change as `--json` prints it. */
export function changeJson(plan: MigrationPlan, { receipt, convergence }: WrittenChange): WrittenChangeJson {
  return {
    revision: receipt.revision,
    writtenAt: formatInstant(receipt.writtenAtMs),
    stopped: receipt.stopped ?? null,
    timeToEffectSeconds: pollIntervalMs(plan) / 1000,
    convergedAt: formatInstant(convergence.convergedAtMs),
    pending: convergence.pending.map(({ meter, why }) => ({ meter, why })),
  };
}

/** Returns a write as `--json` prints it. */
export function receiptJson({ revision, writtenAtMs, stopped }: WriteReceipt): ReceiptJson {
  return { revision, writtenAt: formatInstant(writtenAtMs), stopped: stopped ?? null };
}
