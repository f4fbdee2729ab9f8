import type { SidecarStatus, StragglerStatus } from '@crossfade/core/status';
import type { DashboardState } from './dashboard-state.ts';
import { createElement, elementOf, setText, updateChildren } from './element.ts';
import {
  CLASS_LABELS,
  describeConnections,
  describeReplacedHeaders,
  formatAgo,
  formatCount,
  formatTime,
  labelStraggler,
} from './labels.ts';
import { showDisagreements } from './show-disagreements.ts';
import { isRecent } from './state-labels.ts';
import { countCell, row, rowHead } from './table.ts';

/** Shows the tables: audience classes, rejections by reason, disagreements, stragglers, audiences other than ours. */
export function showTables(state: DashboardState): void {
  const nowMs = Date.parse(state.at);
  showClasses(state.status, nowMs);
  showConnections(state.status);
  showRejections(state.rejections);
  showDisagreements(state);
  showStragglers(state.stragglers, nowMs);
  showForeignAudiences(state.status, nowMs);
}

function showClasses({ audiences }: SidecarStatus, nowMs: number): void {
  const rows = entriesOf(CLASS_LABELS).map(([name, { name: label, meaning }]) => {
    const { accepted, rejected, lastSeenAt } = audiences[name];
    const swatch = createElement('span', `swatch ${name}`);
    const head = rowHead('', swatch, label, createElement('small', 'aside', meaning));
    return row(
      name,
      head,
      countCell(accepted),
      countCell(rejected),
      createElement('td', 'number', formatAgo(lastSeenAt, nowMs)),
    );
  });
  updateChildren(elementOf('classes'), rows);
  const requests = Object.values(audiences).reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0);
  setText('classes-count', `${formatCount(requests)} requests`);
}

/** Below the classes; nothing where the sidecar forwards nothing. */
function showConnections({ openConnections, forwardedHeaders }: SidecarStatus): void {
  setText('streams', openConnections === undefined ? '' : describeConnections(openConnections));
  const isReplacing = forwardedHeaders !== undefined && forwardedHeaders.replaced > 0;
  setText('proxies', isReplacing ? describeReplacedHeaders(forwardedHeaders) : '');
}

function showRejections(seen: DashboardState['rejections']): void {
  const most = seen[0]?.count ?? 1;
  const rows = seen.map(({ reason, count, meaning }) => {
    const bar = createElement('span', 'bar');
    bar.style.setProperty('--part', String(count / most));
    return row(reason, rowHead('', reason, createElement('small', 'aside', meaning), bar), countCell(count));
  });
  updateChildren(elementOf('rejections'), rows);
  elementOf('no-rejections').hidden = seen.length > 0;
  const rejected = seen.reduce((sum, { count }) => sum + count, 0);
  setText('rejections-count', seen.length === 0 ? '' : `${formatCount(rejected)}, ${seen.length} reasons`);
}

function showStragglers({ clients, known, truncated }: DashboardState['stragglers'], nowMs: number): void {
  const count = `${formatCount(known)}${truncated ? ' or more' : ''} ${known === 1 ? 'client' : 'clients'}`;
  setText('stragglers-count', clients.length < known ? `${count}; the ${clients.length} seen last` : count);
  const rows = clients.map((client) => stragglerRow(client, nowMs));
  const table = elementOf('stragglers');
  updateChildren(table, rows);
  if (table.parentElement !== null) table.parentElement.hidden = clients.length === 0;
  elementOf('no-stragglers').hidden = clients.length > 0;
}

function stragglerRow(client: StragglerStatus, nowMs: number): HTMLTableRowElement {
  const { label, verdict } = labelStraggler(client);
  const tag = createElement('span', 'tag', label);
  tag.dataset['verdict'] = isRecent(client.lastSeenAt, nowMs) ? verdict : 'idle';
  const reasons = Object.entries(client.reasons)
    .toSorted(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${reason}\u00a0${formatCount(count)}`);
  if (client.openConnections > 0) reasons.push(`${formatCount(client.openConnections)}\u00a0open`);
  return row(
    client.clientId ?? '',
    rowHead('client', client.clientId ?? 'no client id', tag, createElement('small', 'why', reasons.join(', '))),
    countCell(client.accepted),
    countCell(client.rejected, 'refused'),
    createElement('td', 'number', formatAgo(client.lastSeenAt, nowMs)),
    createElement('td', 'number issued', formatAgo(client.latestIssuedAt, nowMs)),
    createElement('td', 'number', client.latestExpiryAt === null ? 'unknown' : validity(client.latestExpiryAt, nowMs)),
  );
}

/** Shows the audiences that accepted tokens name besides ours; nothing while there are none. */
function showForeignAudiences({ foreignAudiences }: SidecarStatus, nowMs: number): void {
  const { requests = 0, audiences = [], truncated = false } = foreignAudiences ?? {};
  elementOf('foreign-section').hidden = audiences.length === 0;
  const count = `${formatCount(requests)} ${requests === 1 ? 'request' : 'requests'}`;
  setText('foreign-count', truncated ? `${count}; the audiences seen last` : count);
  const rows = audiences.map(({ audience, count: requestsOfIt, lastSeenAt }) =>
    row(
      audience,
      rowHead('client', audience),
      countCell(requestsOfIt),
      createElement('td', 'number', formatAgo(lastSeenAt, nowMs)),
    ),
  );
  updateChildren(elementOf('foreign-audiences'), rows);
}

function validity(expiry: string, nowMs: number): string {
  const timeMs = Date.parse(expiry);
  return timeMs <= nowMs ? 'expired' : formatTime(timeMs, nowMs);
}

function entriesOf<Name extends string, Value>(record: Readonly<Record<Name, Value>>): [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}
