import type { RefreshCapability } from '@crossfade/selector';
import type { Journey, Observation } from './journey.ts';

/** One row of the table. */
export interface Row {
  /** What the provider does. */
  readonly name: string;
  readonly refresh: RefreshCapability;
  readonly journey: Journey;
}

const SESSION: Partial<Readonly<Record<keyof Journey, string>>> = {
  login: 'login',
  flip: 'refresh after the flip',
  next: 'next refresh',
  rollback: 'after the rollback',
  close: 'after an early close',
};
const LOGINS: Partial<Readonly<Record<keyof Journey, string>>> = {
  newLogin: 'login after the flip',
  nextLogin: 'next login',
  newRollback: 'its refresh after the rollback',
  closedLogin: 'login after the close',
};

/** Writes the tables of the documentation: a session from before the flip, and logins after it. */
export function tablesOf(rows: readonly Row[]): string {
  return `${LEGEND}\n## A session from before the flip\n\n${table(rows, SESSION)}\n## Logins after the flip\n\n${table(rows, LOGINS)}`;
}

const LEGEND = `Each cell: the side of the token that the session has then (checked in the token itself, which a client never reads), what
its response shows where that is less, the event beside the usual ones, and the requests to the token endpoint where it is not one.
`;

function table(rows: readonly Row[], columns: Partial<Readonly<Record<keyof Journey, string>>>): string {
  const stages = Object.keys(columns) as (keyof Journey)[];
  const lines = rows.map(({ name, refresh, journey }) => [
    name,
    `\`${refresh}\``,
    ...stages.map((stage) => cell(journey[stage])),
  ]);
  const head = ['a provider that', 'selector', ...Object.values(columns)];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** What goes without saying: a login is one request, and a refresh without a move is one that is refreshed. */
const USUAL: readonly string[] = ['refreshed', 'login_required'];

function cell(seen: Observation): string {
  const { events, requests } = seen;
  const unusual = events.filter((event) => !USUAL.includes(event)).map((event) => `\`${event}\``);
  const count = requests === 1 ? [] : [`${requests} requests`];
  return [sideOf(seen), ...unusual, ...count].join('; ');
}

function sideOf({ token, failure }: Observation): string {
  if (token === undefined) return `**${failure}**`;
  return token.shown === token.really ? token.really : `${token.really} (shows ${token.shown})`;
}
