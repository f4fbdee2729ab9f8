import {
  activeBrownout,
  ConfigError,
  CrossfadeError,
  type FlagDocumentResult,
  type FlagWriter,
  type MigrationPlan,
  parseFlagDocument,
  type RecordedMove,
} from '@crossfade/core';
import { openFlagStore } from '../flag-store/open-flag-store.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { brownoutJson, type RunningBrownout } from '../fleet/running-brownout.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { printRunningBrownout } from '../output/brownout-report.ts';
import { moveJson, printMoves } from '../output/move-report.ts';
import { readBrownoutIfReachable, readFleetOrWarn } from '../output/plan-status.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'history'>>> {
  const { options, report, now } = invocation;
  const limit = readLimit(options.text('limit'));
  const plan = await invocation.plan();
  const writer = await openFlagStore(plan, now);
  const moves = await writer.history(limit);
  report.print(report.style('bold', `${plan.migration}: ${moves.length === 1 ? '1 move' : `${moves.length} moves`}`));
  const brownout = await readBrownout(plan, writer, moves, invocation);
  printRunningBrownout(report, brownout, now());
  printMoves(report, moves, now());
  if (moves.length === 0) report.print('The flag store remembers none.');
  return {
    exitCode: EXIT.done,
    json: { migration: plan.migration, brownout: brownoutJson(brownout), moves: moves.map(moveJson) },
  };
}

/** The record alone says that one began, and not whether it still runs. */
async function readBrownout(
  plan: MigrationPlan,
  writer: FlagWriter,
  moves: readonly RecordedMove[],
  invocation: Invocation,
): Promise<RunningBrownout | null> {
  const parsed = await readFlags(writer, invocation);
  if (!parsed?.ok || activeBrownout(parsed.document.brownout, invocation.now()) === null) return null;
  const fleet = openFleet(plan, invocation);
  const snapshot = await readFleetOrWarn({ fleet }, invocation.report, invocation.now());
  return readBrownoutIfReachable({ document: parsed.document, moves }, { fleet, snapshot }, invocation.now());
}

/** A store whose document is gone may still have its record. */
async function readFlags(writer: FlagWriter, { report }: Invocation): Promise<FlagDocumentResult | undefined> {
  try {
    return parseFlagDocument((await writer.read()).text);
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error;
    report.warn(`Whether a brownout is under way is not known: ${error.message}`);
    return undefined;
  }
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new ConfigError('history', [{ path: '--limit', message: `must be a whole number from 1 to ${MAX_LIMIT}` }]);
}
