import type { DashboardState, DisagreementsShown } from './dashboard-state.ts';
import { createElement, elementOf, setText, updateChildren } from './element.ts';
import { createHelp } from './help.ts';
import { formatAgo } from './labels.ts';
import { countCell, row, rowHead } from './table.ts';

/** Shows the tokens that the plan refuses and the API accepted, by reason, each with its remedy. */
export function showDisagreements({ disagreements, at }: DashboardState): void {
  const { reasons, lastVerifiedAt, lastUnverifiedAt, verdict } = disagreements;
  const nowMs = Date.parse(at);
  const rows = reasons.map((counted) => disagreementRow(counted, verdict !== 'pass'));
  const table = elementOf('disagreements');
  updateChildren(table, rows);
  if (table.parentElement !== null) table.parentElement.hidden = rows.length === 0;
  elementOf('no-disagreements').hidden = rows.length > 0;
  const last = `verified: last ${formatAgo(lastVerifiedAt, nowMs)}; unverified: last ${formatAgo(lastUnverifiedAt, nowMs)}`;
  setText('disagreements-last', rows.length === 0 ? '' : last);
}

/** @param holds whether the gate minds now: what is past is grey. */
function disagreementRow(
  { reason, count, meaning, isVerified, remedy }: DisagreementsShown['reasons'][number],
  holds: boolean,
): HTMLTableRowElement {
  const tag = createElement('span', 'tag', isVerified ? 'verified' : 'unverified');
  tag.dataset['verdict'] = !holds ? 'idle' : isVerified ? 'fail' : 'inconclusive';
  return row(
    reason,
    rowHead(
      '',
      reason,
      ...createHelp(`remedy-${reason}`, `What to do about ${reason}?`, remedy),
      createElement('small', 'aside', meaning),
    ),
    createElement('td', '', tag),
    countCell(count),
  );
}
