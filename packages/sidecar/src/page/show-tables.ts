import type { SidecarStatus, StragglerStatus } from '@crossfade/core/status';
import type { DashboardState } from './dashboard-state.ts';
import { createElement, elementOf, setText, updateChildren } from './element.ts';
import { CLASS_LABELS, formatAgo, formatCount, formatTime, REASON_LABELS } from './labels.ts';

/** Shows the tables: audience classes, rejections by reason, stragglers. */
export function showTables({ status, stragglers, at }: DashboardState): void {
  const nowMs = Date.parse(at);
  showClasses(status, nowMs);
  showRejections(status);
  showStragglers(stragglers, nowMs);
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
}

function showRejections({ rejections }: SidecarStatus): void {
  const seen = entriesOf(rejections)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  const most = seen[0]?.[1] ?? 1;
  const rows = seen.map(([reason, count]) => {
    const bar = createElement('span', 'bar');
    bar.style.setProperty('--part', String(count / most));
    return row(
      reason,
      rowHead('', reason, createElement('small', 'aside', REASON_LABELS[reason]), bar),
      countCell(count),
    );
  });
  updateChildren(elementOf('rejections'), rows);
  elementOf('no-rejections').hidden = seen.length > 0;
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
  const tag = createElement('span', 'tag', client.stillMinting ? 'still minting' : 'using up');
  tag.dataset['verdict'] = client.stillMinting ? 'fail' : 'idle';
  return row(
    client.clientId ?? '',
    rowHead('client', client.clientId ?? 'no client id', tag),
    countCell(client.accepted),
    createElement('td', 'number', formatAgo(client.lastSeenAt, nowMs)),
    createElement('td', 'number issued', formatAgo(client.latestIssuedAt, nowMs)),
    createElement('td', 'number', client.latestExpiryAt === null ? 'unknown' : validity(client.latestExpiryAt, nowMs)),
  );
}

function validity(expiry: string, nowMs: number): string {
  const timeMs = Date.parse(expiry);
  return timeMs <= nowMs ? 'expired' : formatTime(timeMs, nowMs);
}

function row(name: string, ...cells: readonly HTMLElement[]): HTMLTableRowElement {
  const element = createElement('tr', '', ...cells);
  element.dataset['row'] = name;
  return element;
}

function rowHead(className: string, ...content: readonly (string | Node)[]): HTMLTableCellElement {
  const head = createElement('th', className, ...content);
  head.scope = 'row';
  return head;
}

function countCell(count: number): HTMLTableCellElement {
  const data = createElement('data', '', formatCount(count));
  data.value = String(count);
  return createElement('td', 'number', data);
}

function entriesOf<Name extends string, Value>(record: Readonly<Record<Name, Value>>): [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}
