import type { DashboardState, StatusShown, StragglerShown } from './dashboard-state.ts';
import { elementOf, make, put, renew } from './element.ts';
import { CLASS_WORDS, formatAgo, formatCount, formatTime, REASON_WORDS } from './labels.ts';

/** Puts what arrived, why tokens were rejected, and who still uses legacy into their tables. */
export function showTables({ status, stragglers, at }: DashboardState): void {
  const nowMs = Date.parse(at);
  showClasses(status, nowMs);
  showRejections(status);
  showStragglers(stragglers, nowMs);
}

function showClasses({ audiences }: StatusShown, nowMs: number): void {
  const rows = entriesOf(CLASS_WORDS).map(([name, { name: label, meaning }]) => {
    const { accepted, rejected, lastSeenAt } = audiences[name];
    const swatch = make('span', `swatch ${name}`);
    const head = rowHead('', swatch, label, make('small', 'aside', meaning));
    return row(
      name,
      head,
      countCell(accepted),
      countCell(rejected),
      make('td', 'number', formatAgo(lastSeenAt, nowMs)),
    );
  });
  renew(elementOf('classes'), rows);
}

function showRejections({ rejections }: StatusShown): void {
  const seen = entriesOf(rejections)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  const most = seen[0]?.[1] ?? 1;
  const rows = seen.map(([reason, count]) => {
    const bar = make('span', 'bar');
    bar.style.setProperty('--part', String(count / most));
    return row(reason, rowHead('', reason, make('small', 'aside', REASON_WORDS[reason]), bar), countCell(count));
  });
  renew(elementOf('rejections'), rows);
  elementOf('no-rejections').hidden = seen.length > 0;
}

function showStragglers({ clients, known, truncated }: DashboardState['stragglers'], nowMs: number): void {
  const count = `${formatCount(known)}${truncated ? ' or more' : ''} ${known === 1 ? 'client' : 'clients'}`;
  put('stragglers-count', clients.length < known ? `${count}; the ${clients.length} seen last` : count);
  const rows = clients.map((client) => stragglerRow(client, nowMs));
  const table = elementOf('stragglers');
  renew(table, rows);
  if (table.parentElement !== null) table.parentElement.hidden = clients.length === 0;
  elementOf('no-stragglers').hidden = clients.length > 0;
}

function stragglerRow(client: StragglerShown, nowMs: number): HTMLTableRowElement {
  const tag = make('span', 'tag', client.stillMinting ? 'still minting' : 'using up');
  tag.dataset['verdict'] = client.stillMinting ? 'fail' : 'idle';
  return row(
    client.clientId ?? '',
    rowHead('client', client.clientId ?? 'no client named', tag),
    countCell(client.accepted),
    make('td', 'number', formatAgo(client.lastSeenAt, nowMs)),
    make('td', 'number issued', formatAgo(client.latestIssuedAt, nowMs)),
    make('td', 'number', client.latestExpiryAt === null ? 'unknown' : validity(client.latestExpiryAt, nowMs)),
  );
}

function validity(expiry: string, nowMs: number): string {
  const timeMs = Date.parse(expiry);
  return timeMs <= nowMs ? 'over' : formatTime(timeMs, nowMs);
}

function row(name: string, ...cells: readonly HTMLElement[]): HTMLTableRowElement {
  const element = make('tr', '', ...cells);
  element.dataset['row'] = name;
  return element;
}

function rowHead(className: string, ...content: readonly (string | Node)[]): HTMLTableCellElement {
  const head = make('th', className, ...content);
  head.scope = 'row';
  return head;
}

function countCell(count: number): HTMLTableCellElement {
  const data = make('data', '', formatCount(count));
  data.value = String(count);
  return make('td', 'number', data);
}

function entriesOf<Name extends string, Value>(record: Readonly<Record<Name, Value>>): [Name, Value][] {
  return Object.entries(record) as [Name, Value][];
}
