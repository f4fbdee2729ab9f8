import type { DashboardState, DisagreementsShown } from './dashboard-state.ts';
import { createElement, elementOf, setText, updateChildren } from './element.ts';
import { createHelp } from './help.ts';
import { formatAgo, REASON_LABELS, REMEDY_LABELS, UNVERIFIED_REMEDY_LABEL } from './labels.ts';
import { countCell, row, rowHead } from './table.ts';

/** Shows the tokens that the plan refuses and the API accepted, by reason, each with its remedy. */
export function showDisagreements({ disagreements, at }: DashboardState): void {
  const { reasons, lastVerifiedAt, lastUnverifiedAt } = disagreements;
  const nowMs = Date.parse(at);
  const rows = reasons.map(disagreementRow);
  const table = elementOf('disagreements');
  updateChildren(table, rows);
  if (table.parentElement !== null) table.parentElement.hidden = rows.length === 0;
  elementOf('no-disagreements').hidden = rows.length > 0;
  const last = `verified: last ${formatAgo(lastVerifiedAt, nowMs)}; unverified: last ${formatAgo(lastUnverifiedAt, nowMs)}`;
  setText('disagreements-last', rows.length === 0 ? '' : last);
}

function disagreementRow({ reason, count, isVerified }: DisagreementsShown['reasons'][number]): HTMLTableRowElement {
  const remedy = isVerified ? REMEDY_LABELS[reason] : `${REMEDY_LABELS[reason]} ${UNVERIFIED_REMEDY_LABEL}`;
  const tag = createElement('span', 'tag', isVerified ? 'verified' : 'unverified');
  tag.dataset['verdict'] = isVerified ? 'fail' : 'inconclusive';
  return row(
    reason,
    rowHead(
      '',
      reason,
      ...createHelp(`remedy-${reason}`, `What to do about ${reason}?`, remedy),
      createElement('small', 'aside', REASON_LABELS[reason]),
    ),
    createElement('td', '', tag),
    countCell(count),
  );
}
