import type { Census, CensusRow } from '@crossfade/core/status';
import { createElement, elementOf, setText, updateChildren } from './element.ts';
import { formatAgo, formatCount } from './labels.ts';

/** Shows what arrives that the plan does not name. Its texts come from unverified tokens: they stay text. */
export function showCensus(census: Census | undefined, nowMs: number): void {
  const rows = census?.rows ?? [];
  elementOf('census-section').hidden = rows.length === 0;
  setText('census-count', census?.truncated === true ? 'the most frequent; the rest at census' : '');
  updateChildren(
    elementOf('census'),
    rows.map((row) => censusRow(row, nowMs)),
  );
}

function censusRow(row: CensusRow, nowMs: number): HTMLTableRowElement {
  const tag = createElement('span', 'tag', row.signature);
  tag.dataset['verdict'] = row.signature === 'verified' ? 'pass' : 'idle';
  const { issuer, audiences, clientId, kind } = row;
  const details = [
    kind,
    ...(audiences.length === 0 ? [] : [`audience ${audiences.join(', ')}`]),
    ...(clientId === null ? [] : [`client ${clientId}`]),
  ];
  const names = details.map((detail) => createElement('span', 'why', detail));
  const head = createElement('th', 'client', issuer ?? 'no issuer', tag, ...names);
  head.scope = 'row';
  return createElement(
    'tr',
    '',
    head,
    createElement('td', 'number', formatCount(row.count)),
    createElement('td', 'number', formatCount(row.maxBytes)),
    createElement('td', 'number', formatAgo(row.lastSeenAt, nowMs)),
  );
}
