import { createElement, elementOf, setRunbook, setText, updateChildren } from './element.ts';
import {
  describeFleet,
  describeInstanceFlags,
  describeInstancePhase,
  describeMix,
  describeSource,
  labelComparison,
  runbookOfFleet,
  stateOfFleet,
  targetShare,
} from './fleet-labels.ts';
import type { FleetShown, InstanceShown, MixShown } from './fleet-state.ts';
import { formatAgo, formatCount, formatSpan } from './labels.ts';
import { isRecent } from './state-labels.ts';
import { row, rowHead } from './table.ts';

/** Shows the fleet: a line at the top, and a row for each instance. */
export function showFleet(fleet: FleetShown, nowMs: number): void {
  const label = elementOf('fleet-label');
  label.dataset['state'] = stateOfFleet(fleet, nowMs);
  setText('fleet-label', describeFleet(fleet, nowMs));
  const runbook = runbookOfFleet(fleet, nowMs);
  elementOf('fleet-runbook').hidden = runbook === undefined;
  if (runbook !== undefined) setRunbook('fleet-runbook', runbook);
  setText('fleet-count', describeSource(fleet));
  setText('fleet-problem', fleet.problem === null ? '' : `${describeFleet(fleet, nowMs)}. This sidecar alone:`);
  const rows = fleet.instances.map((instance) => instanceRow(instance, fleet, nowMs));
  if (fleet.source !== 'alone' && fleet.problem === null) rows.unshift(sumRow(fleet, nowMs));
  const body = elementOf('fleet');
  body.role = 'rowgroup';
  if (body.parentElement !== null) body.parentElement.role = 'table';
  updateChildren(body, rows);
}

function sumRow({ sums, responding }: FleetShown, nowMs: number): HTMLTableRowElement {
  return instanceCells('all', rowHead('', `all ${formatCount(responding)} that respond`), [
    [],
    mixParts(sums.mix),
    countParts(sums.validUnauthorized, sums.lastUnauthorizedAt, nowMs),
    countParts(sums.disagreements, sums.lastDisagreementAt, nowMs),
    [],
    [],
  ]);
}

function instanceRow(instance: InstanceShown, fleet: FleetShown, nowMs: number): HTMLTableRowElement {
  const { name, problem, flags, toldAt } = instance;
  const head = rowHead('client', instanceName(instance));
  if (instance.isThis && fleet.source !== 'alone') {
    const tag = tagOf('this one', 'idle');
    tag.classList.add('this');
    head.append(tag);
  }
  if (problem !== null) {
    // Of a rolling update, instances remain that are scraped no more.
    const isMissing = fleet.source === 'sidecars' || (fleet.expected !== null && fleet.responding < fleet.expected);
    const why = createElement('small', 'why', problem);
    why.dataset['verdict'] = isMissing ? 'fail' : 'idle';
    head.append(why);
  }
  const comparison = fleet.source === 'alone' ? undefined : labelComparison(instance);
  const cells = instanceCells(name, head, [
    phaseParts(instance),
    mixParts(instance.mix),
    countParts(instance.validUnauthorized, instance.lastUnauthorizedAt, nowMs),
    countParts(instance.disagreements, instance.lastDisagreementAt, nowMs),
    [
      describeInstanceFlags(flags),
      ...(comparison === undefined ? [] : [tagOf(comparison.label, comparison.verdict)]),
      createElement('small', 'hash', flags?.hash ?? ''),
    ],
    [toldAt === null ? 'never' : formatAge(toldAt, nowMs)],
  ]);
  cells.toggleAttribute('data-silent', problem !== null);
  return cells;
}

const COLUMNS = ['Phase', 'Mix', 'Valid, got 401', 'Disagreements', 'Flags', 'Told'] as const;

/** The cells keep their roles and names where a narrow window shows a row as a block. */
function instanceCells(
  name: string,
  head: HTMLTableCellElement,
  contents: readonly (readonly (string | Node)[])[],
): HTMLTableRowElement {
  head.role = 'rowheader';
  const cells = contents.map((content, index) => {
    const cell = createElement('td', '', ...content);
    cell.role = 'cell';
    cell.dataset['label'] = COLUMNS[index] ?? '';
    return cell;
  });
  const element = row(name, head, ...cells);
  element.role = 'row';
  return element;
}

function instanceName({ name, pageUrl, isThis }: InstanceShown): string | Node {
  if (pageUrl === null || isThis || !isReachable(pageUrl)) return name;
  const link = createElement('a', '', name);
  link.href = pageUrl;
  return link;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** A loopback address is the sidecar's own machine: the browser's only if it reads this page there, too. */
function isReachable(pageUrl: string): boolean {
  return !LOOPBACK.test(new URL(pageUrl).hostname) || LOOPBACK.test(location.hostname);
}

function phaseParts(instance: InstanceShown): (string | Node)[] {
  const { fault, api } = instance;
  if (fault === null) return [describeInstancePhase(instance)];
  const shown = createElement('small', 'why', `API ${api}`);
  shown.dataset['verdict'] = 'fail';
  return [describeInstancePhase(instance), shown];
}

function mixParts(mix: MixShown | null): (string | Node)[] {
  const target = targetShare(mix);
  if (mix === null || target === null) return [describeMix(mix)];
  const bar = createElement('span', 'mix');
  const all = mix.legacy + mix.target + mix.bridge;
  bar.style.setProperty('--legacy-part', String(mix.legacy / all));
  bar.style.setProperty('--target-part', String(target));
  return [describeMix(mix), bar];
}

function countParts(count: number | null, lastAt: string | null, nowMs: number): (string | Node)[] {
  if (count === null) return ['unknown'];
  if (count === 0) return ['0'];
  const number = createElement('span', '', formatCount(count));
  number.dataset['verdict'] = isRecent(lastAt, nowMs) ? 'fail' : 'idle';
  return [
    number,
    createElement('small', 'when', lastAt === null ? 'time unknown' : `last ${formatAgo(lastAt, nowMs)}`),
  ];
}

function tagOf(text: string, verdict: string): HTMLElement {
  const tag = createElement('span', 'tag', text);
  tag.dataset['verdict'] = verdict;
  return tag;
}

function formatAge(iso: string, nowMs: number): string {
  return `${formatSpan(nowMs - Date.parse(iso))} ago`;
}
