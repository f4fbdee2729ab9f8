import { ConfigError } from '@crossfade/core';
import { openFlagStore } from '../flag-store/open-flag-store.ts';
import { moveJson, printMoves } from '../output/move-report.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

export async function run(invocation: Invocation): Promise<VerbResult> {
  const { options, report, now } = invocation;
  const limit = readLimit(options.text('limit'));
  const plan = await invocation.plan();
  const writer = await openFlagStore(plan, now);
  const moves = await writer.history(limit);
  report.print(report.style('bold', `${plan.migration}: ${moves.length === 1 ? '1 move' : `${moves.length} moves`}`));
  printMoves(report, moves, now());
  if (moves.length === 0) report.print('The flag store remembers none.');
  return { exitCode: EXIT.done, json: { migration: plan.migration, moves: moves.map(moveJson) } };
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new ConfigError('history', [{ path: '--limit', message: `must be a whole number from 1 to ${MAX_LIMIT}` }]);
}
