import { respondingCount } from '../fleet/fleet-size.ts';
import { edges, type Line, type Span } from './block.ts';
import { cleanText, fitText } from './fit-text.ts';
import type { Glyphs } from './glyphs.ts';
import { mixBar, percentText } from './mix-bar.ts';
import type { Size } from './plan-frame.ts';
import { metersNow, type PlanProblem, type PlanView, statusNow } from './plan-view.ts';
import { resample, sparkline } from './share-history.ts';
import { totalPerSecond } from './traffic.ts';
import {
  brownoutText,
  clockText,
  drainedText,
  gateText,
  phaseText,
  rateText,
  shareNow,
  troubleText,
} from './view-text.ts';

/** Columns of the mix bar and of the sparkline where several plans share a terminal. */
const BAR_COLUMNS = 20;
const SPARK_COLUMNS = 12;
const INDENT = '  ';

/** Draws several plans below each other, each in as many lines as the terminal has for it, and says how many do not fit. */
export function plansFrame(
  plans: readonly (PlanView | PlanProblem)[],
  nowMs: number,
  glyphs: Glyphs,
  { columns, rows }: Size,
): readonly Line[] {
  const head = edges(`${plans.length} plans`, [], `${clockText(nowMs)}  q ends`, columns, glyphs.ellipsis);
  const drawn = plans.map((plan) => linesOf(plan, glyphs, columns));
  const room = rows - 1;
  let each = Math.max(...drawn.map(({ length }) => length));
  while (each > 1 && drawn.reduce((sum, lines) => sum + Math.min(lines.length, each), 0) > room) each -= 1;
  const fitting = drawn.length <= room ? drawn.length : Math.max(0, room - 1);
  const lines = drawn.slice(0, fitting).flatMap((plan) => plan.slice(0, each));
  const hidden = drawn.length - fitting;
  const more: Line[] =
    hidden === 0 ? [] : [[{ text: fitText(`and ${hidden} more: make the terminal higher`, columns) }]];
  return [head, ...lines, ...more].slice(0, rows);
}

/** The lines of one plan, the most important first. */
function linesOf(view: PlanView | PlanProblem, glyphs: Glyphs, columns: number): readonly Line[] {
  const { ellipsis } = glyphs;
  if ('problem' in view)
    return [edges(view.config, [{ text: `  ${view.problem}`, style: 'red' }], '', columns, ellipsis)];
  const status = statusNow(view);
  const state: Line = [
    { text: `  ${phaseText(view)}` },
    ...(status === null
      ? []
      : [{ text: `  ${status.document.issuance.percent}% target, accepts ${status.document.acceptance}` }]),
  ];
  const text = (line: string, style?: Span['style']): Line => [
    { text: fitText(`${INDENT}${cleanText(line)}`, columns, ellipsis), ...(style !== undefined && { style }) },
  ];
  const troubles = [
    ['flags', troubleText(view.store, view.nowMs)],
    ['meters', view.meters === null ? undefined : troubleText(view.meters, view.nowMs)],
  ].flatMap(([what, why]) => (why === undefined ? [] : [text(`${what} ${why}`, 'red')]));
  const brownout = brownoutText(view);
  return [
    edges(view.plan.migration, state, meterCount(view), columns, ellipsis),
    ...troubles,
    ...(brownout === undefined ? [] : [text(`brownout: ${brownout}`, 'yellow')]),
    trafficLine(view, glyphs, columns),
    text(`drained ${drainedText(view)}`),
    ...(status === null || troubles.length > 0 ? [] : [text(`gate ${gateText(status.situation.drain)}`)]),
  ];
}

function meterCount(view: PlanView): string {
  if (view.meters === null) return 'no meters';
  const snapshot = metersNow(view)?.snapshot;
  return snapshot === undefined ? 'meters ?' : `meters ${respondingCount(snapshot)}/${snapshot.expected ?? '?'}`;
}

function trafficLine(view: PlanView, glyphs: Glyphs, columns: number): Line {
  const traffic = metersNow(view)?.traffic ?? null;
  const share = shareNow(view);
  const spark = sparkline(resample(view.history, SPARK_COLUMNS), glyphs.levels, glyphs.gap);
  const bar = traffic === null ? [] : mixBar(traffic, BAR_COLUMNS);
  const drawn = bar.map(({ part, columns: own }) => glyphs.parts[part].repeat(own)).join('');
  const rate = traffic === null ? 'rate unknown' : rateText(totalPerSecond(traffic));
  const text = `${INDENT}${drawn.padEnd(BAR_COLUMNS)} legacy ${(share === null ? '?' : percentText(share)).padEnd(4)} ${spark.padEnd(SPARK_COLUMNS)} ${rate}`;
  return [{ text: fitText(text, columns, glyphs.ellipsis) }];
}
