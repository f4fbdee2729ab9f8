import { describeMoment, formatDuration } from '@crossfade/core';
import { flagsApart } from '../fleet/flags-held.ts';
import { stillTakingLegacy } from '../fleet/fleet-evidence.ts';
import { respondingCount } from '../fleet/fleet-size.ts';
import { describeRecordedMove } from '../output/move-report.ts';
import type { Style } from '../verb/report.ts';
import { type Block, edges, GAP, type Line, layOut, textBlock } from './block.ts';
import type { Glyphs } from './glyphs.ts';
import { mixBar, percentText } from './mix-bar.ts';
import { metersNow, type PlanView, statusNow } from './plan-view.ts';
import { resample, sparkline } from './share-history.ts';
import { TRAFFIC_PARTS, type Traffic, type TrafficPart, totalPerSecond } from './traffic.ts';
import {
  agoText,
  brownoutText,
  clockText,
  drainedText,
  gateText,
  phaseText,
  requestsText,
  shareNow,
  shareText,
  troubleText,
} from './view-text.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const PART_NAMES: Readonly<Record<TrafficPart, string>> = {
  legacy: 'legacy',
  bridge: 'both',
  target: 'target',
  other: 'other',
  none: 'none',
};
const PART_STYLES: Readonly<Partial<Record<TrafficPart, Style>>> = { legacy: 'yellow', target: 'green', none: 'dim' };
/** Room for the share beside the sparkline. */
const SHARE_COLUMNS = 6;
/** How many meters are named in a list of faults. */
const MAX_NAMED = 3;

/** Draws one plan over the whole terminal. */
export function planFrame(view: PlanView, glyphs: Glyphs, { columns, rows }: Size): readonly Line[] {
  const phase: Line = [{ text: `  ${phaseText(view)}`, style: 'bold' }];
  const head = edges(view.plan.migration, phase, `${clockText(view.nowMs)}  q ends`, columns, glyphs.ellipsis);
  return [
    head,
    ...layOut(
      [...stateBlocks(view, glyphs), ...trafficBlocks(view, glyphs), ...sourceBlocks(view, glyphs)],
      columns,
      rows - 1,
    ),
  ];
}

function stateBlocks(view: PlanView, { ellipsis }: Glyphs): readonly Block[] {
  const status = statusNow(view);
  if (status === null)
    return [textBlock('flags', troubleText(view.store, view.nowMs) ?? 'reading', { ellipsis, lines: 3 })];
  const { issuance, acceptance } = status.document;
  const since = issuance.sinceMs === null ? '' : `, since ${describeMoment(issuance.sinceMs, view.nowMs)}`;
  const brownout = brownoutText(view);
  return [
    textBlock('reason', reasonText(view, status.state.reason), { ellipsis, lines: 2, drop: 5 }),
    textBlock('flags', `${issuance.percent}% target, accepts ${acceptance}${since}`, { ellipsis, lines: 2 }),
    ...(brownout === undefined ? [] : [textBlock('brownout', brownout, { ellipsis, style: 'yellow', lines: 2 })]),
  ];
}

/** Before the first reading of the meters has ended, that none responds is not known. */
function reasonText(view: PlanView, reason: string): string {
  return view.meters?.value === null && view.meters.trouble === null ? 'reading the meters' : reason;
}

function trafficBlocks(view: PlanView, glyphs: Glyphs): readonly Block[] {
  const { ellipsis } = glyphs;
  const traffic = metersNow(view)?.traffic ?? null;
  const why = trafficGap(view);
  return [
    GAP,
    ...(traffic === null || totalPerSecond(traffic) === 0
      ? [textBlock('mix', why ?? 'no request', { ellipsis })]
      : mixBlocks(traffic, glyphs)),
    shareBlock(view, glyphs),
    textBlock('', shareText(view, percentText), { ellipsis, drop: 6 }),
    textBlock('requests', traffic === null ? (why ?? 'unknown') : requestsText(view, traffic), { ellipsis }),
    GAP,
    textBlock('drained', drainedText(view), { ellipsis, lines: 3 }),
    gateBlock(view, ellipsis),
  ];
}

/** Why the mix is not known; `undefined` where it is. */
function trafficGap(view: PlanView): string | undefined {
  const { meters } = view;
  if (meters === null) return 'unknown: the plan names no meter';
  if (meters.trouble !== null) return `unknown since ${clockText(meters.trouble.sinceMs)}: the meters cannot be read`;
  if (meters.value === null) return 'reading';
  if (meters.value.traffic !== null) return undefined;
  return respondingCount(meters.value.snapshot) === 0 ? 'unknown: no meter responds' : 'counting';
}

function mixBlocks(traffic: Traffic, glyphs: Glyphs): readonly Block[] {
  const total = totalPerSecond(traffic);
  const seen = TRAFFIC_PARTS.filter((part) => traffic.perSecond[part] > 0 || part === 'legacy' || part === 'target');
  const legend = seen.map(
    (part) => `${glyphs.parts[part]} ${PART_NAMES[part]} ${percentText(traffic.perSecond[part] / total)}`,
  );
  const bar: Block = {
    label: 'mix',
    lines: 1,
    drop: 0,
    draw: (columns) => [
      mixBar(traffic, columns).map(({ part, columns: own }) => {
        const style = PART_STYLES[part];
        return { text: glyphs.parts[part].repeat(own), ...(style !== undefined && { style }) };
      }),
    ],
  };
  return [bar, textBlock('', legend.join('  '), { ellipsis: glyphs.ellipsis, lines: 2 })];
}

function shareBlock(view: PlanView, { levels, gap }: Glyphs): Block {
  const share = shareNow(view);
  return {
    label: 'legacy',
    lines: 1,
    drop: 4,
    draw(columns) {
      const line = sparkline(resample(view.history, columns - SHARE_COLUMNS), levels, gap);
      return [[{ text: line, style: 'yellow' }, { text: ` ${share === null ? '?' : percentText(share)}` }]];
    },
  };
}

function gateBlock(view: PlanView, ellipsis: string): Block {
  const status = statusNow(view);
  if (status === null || view.store.trouble !== null || metersNow(view) === null)
    return textBlock('gate', 'unknown', { ellipsis, drop: 3 });
  const { drain } = status.situation;
  const style = drain.verdict === 'pass' ? 'green' : undefined;
  return textBlock('gate', gateText(drain), { ellipsis, lines: 2, drop: 3, ...(style !== undefined && { style }) });
}

function sourceBlocks(view: PlanView, { ellipsis }: Glyphs): readonly Block[] {
  return [
    GAP,
    meterBlock(view, ellipsis),
    ...faults(view).map((text) => textBlock('', text, { ellipsis, style: 'red', drop: 1 })),
    ...storeBlocks(view, ellipsis),
    textBlock('next', statusNow(view)?.state.next ?? 'wait for the flags', { ellipsis, lines: 2, drop: 3 }),
  ];
}

function meterBlock({ meters, nowMs }: PlanView, ellipsis: string): Block {
  if (meters === null) return textBlock('meters', 'the plan names none', { ellipsis });
  const trouble = troubleText(meters, nowMs);
  if (trouble !== undefined) return textBlock('meters', trouble, { ellipsis, style: 'red', lines: 2 });
  if (meters.value === null || meters.readAtMs === null) return textBlock('meters', 'reading', { ellipsis });
  const { readings, expected } = meters.value.snapshot;
  const text = `${readings.length} of ${expected ?? 'an unknown number'} responded ${agoText(meters.readAtMs, nowMs)}`;
  return textBlock('meters', text, { ellipsis, ...(readings.length < (expected ?? 0) && { style: 'yellow' }) });
}

/** What is wrong now, the worst first, a few of each kind by name. */
function faults(view: PlanView): readonly string[] {
  const snapshot = metersNow(view)?.snapshot;
  const document = view.store.value?.document;
  if (snapshot === undefined) return [];
  const position = view.store.value?.position;
  const frame = document && { document, plan: view.plan, nowMs: view.nowMs };
  const taking = frame === undefined ? [] : stillTakingLegacy(snapshot, frame);
  const refusing = snapshot.readings.filter(({ validUnauthorized }) => validUnauthorized > 0);
  return [
    ...named(taking.map((meter) => `${meter}: its API took a legacy token after the close`)),
    ...named(
      refusing.map(
        ({ evidence, validUnauthorized }) =>
          `${evidence.meter}: its API refused ${validUnauthorized} valid tokens since it started`,
      ),
    ),
    ...named(snapshot.missing.map(({ meter, why }) => `${meter}: ${why}`)),
    ...named(
      (position === undefined ? [] : flagsApart(snapshot, position)).map(({ meter, why }) => `${meter}: ${why}`),
    ),
  ];
}

function named(texts: readonly string[]): readonly string[] {
  const more = texts.length - MAX_NAMED;
  return more > 0 ? [...texts.slice(0, MAX_NAMED), `and ${more} more like these`] : texts;
}

function storeBlocks({ plan, store, nowMs }: PlanView, ellipsis: string): readonly Block[] {
  const trouble = troubleText(store, nowMs);
  const { value, readAtMs } = store;
  const revision = value?.document.issuance.revision ?? 'unknown';
  const read = readAtMs === null ? 'reading' : `revision ${revision}, read ${agoText(readAtMs, nowMs)}`;
  const [running, lastMove] = [value?.running ?? [], value?.lastMove ?? null];
  return [
    trouble === undefined
      ? textBlock('store', `${plan.flags.source}, ${read}`, { ellipsis, drop: 2 })
      : textBlock('store', trouble, { ellipsis, style: 'red', lines: 2 }),
    ...running.map(({ name }) => textBlock('deploying', name, { ellipsis, style: 'yellow' })),
    textBlock(
      'last move',
      lastMove === null
        ? value === null
          ? 'unknown'
          : 'none is known'
        : `${formatDuration(Math.max(1000, nowMs - lastMove.atMs))} ago: ${describeRecordedMove(lastMove)}`,
      { ellipsis, lines: 2, drop: 2 },
    ),
  ];
}
