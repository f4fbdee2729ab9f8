import { describeMoment, formatInstant, type RecordedMove, type RecordedPosition } from '@crossfade/core';
import type { MoveJson } from '../json/parts.ts';
import type { Report, Style } from '../verb/report.ts';

const STATES: Readonly<Record<RecordedMove['state'], { readonly text: string; readonly style?: Style }>> = {
  written: { text: '' },
  deploying: { text: ' (in progress)', style: 'yellow' },
  rolled_back: { text: ' (rolled back: it did not take effect)', style: 'yellow' },
  reverted: { text: ' (reverted later)', style: 'yellow' },
};

/** Describes a move in one line: who did what, from where to where, and why. */
export function describeRecordedMove({
  verb,
  operator,
  from,
  to,
  reason,
  skipped = [],
  state,
  description,
}: RecordedMove): string {
  const positions =
    to === undefined ? 'unknown positions' : `${from === undefined ? '' : `${textOf(from)} -> `}${textOf(to)}`;
  const note = description === undefined ? '' : `: "${description}"`;
  const actor = verb === undefined ? `not made by Crossfade${note}` : `${verb} by ${operator}`;
  return [
    `${positions}, ${actor}`,
    ...(reason === undefined ? [] : [`because ${reason}`]),
    ...(skipped.length === 0 ? [] : [`skipped ${skipped.join(', ')}`]),
  ]
    .join(', ')
    .concat(STATES[state].text);
}

export function printMoves(report: Report, moves: readonly RecordedMove[], nowMs: number): void {
  for (const move of moves) {
    const { style } = STATES[move.state];
    const line = `${describeMoment(move.atMs, nowMs)}: ${describeRecordedMove(move)}`;
    report.field(withRevision(move), line, ...(style === undefined ? [] : [style]));
  }
}

/** A deployment and its version are AppConfig's numbers; the revision is the one that `written` and `status` name. */
function withRevision({ id, revision }: RecordedMove): string {
  return revision === null || !id.endsWith(')') ? id : `${id.slice(0, -1)}, revision ${revision})`;
}

/** Returns a move as `--json` prints it; what is not known is `null`. */
export function moveJson(move: RecordedMove): MoveJson {
  const { atMs, id, state, revision, verb, operator, reason, skipped, evidence, from, to, description } = move;
  return {
    at: formatInstant(atMs),
    id,
    state,
    revision,
    verb: verb ?? null,
    operator: operator ?? null,
    reason: reason ?? null,
    skipped: skipped ?? [],
    evidence: evidence ?? null,
    from: from ?? null,
    to: to ?? null,
    description: description ?? null,
  };
}

function textOf({ percent, acceptance }: RecordedPosition): string {
  return `${percent}% ${acceptance}`;
}
