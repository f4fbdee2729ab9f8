import type { MarkShown } from './dashboard-state.ts';
import type { Palette } from './draw-chart.ts';
import { labelMark } from './labels.ts';
import { type PlacedLabel, placeLabels } from './place-labels.ts';

/** The height of a lane of labels above the chart, and the space below the lowest one, in CSS pixels. */
const LANE = 15;
const BELOW = 15;
const MOST_LANES = 5;

/** The space that the labels take above the chart, in CSS pixels. */
export function heightOfLanes(labels: readonly { readonly lane: number }[]): number {
  return BELOW + LANE * Math.max(1, ...labels.map(({ lane }) => lane + 1));
}

/** Places the labels of the marks between two times, in seconds. Positions are pixels of the canvas, from its left edge. */
export function placeMarks(
  { ctx, bbox }: uPlot,
  marks: readonly MarkShown[],
  [beginSeconds, endSeconds]: readonly [number, number],
): PlacedLabel<{ text: string; x: number; width: number }>[] {
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.font = markFont(pixel);
  const widthOf = (text: string) => ctx.measureText(text).width;
  const labels = marks.flatMap((mark, index) => {
    const share = (mark.atMs / 1000 - beginSeconds) / (endSeconds - beginSeconds);
    const text = labelMark(mark, marks[index - 1]);
    if (share < 0 || share > 1 || text === '') return [];
    return [{ x: bbox.left + share * bbox.width, text, width: widthOf(text) + 3 * pixel }];
  });
  const space = { right: bbox.left + bbox.width, gap: 6 * pixel, lanes: MOST_LANES, moreWidth: widthOf(' +9') };
  const placed = placeLabels(labels, space);
  ctx.restore();
  return placed;
}

/** Draws a line where a switch or the phase changed, and its label above. */
export function drawMarks({ ctx, bbox }: uPlot, labels: ReturnType<typeof placeMarks>, palette: Palette): void {
  const pixel = devicePixelRatio;
  const heightOf = (lane: number) => bbox.top - (BELOW + lane * LANE) * pixel;
  ctx.save();
  ctx.font = markFont(pixel);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.strokeStyle = palette.ink;
  ctx.lineWidth = pixel;
  ctx.globalAlpha = 0.45;
  for (const { x, text, lane } of labels) {
    ctx.setLineDash(text.startsWith('rollback') ? [4 * pixel, 4 * pixel] : []);
    ctx.beginPath();
    ctx.moveTo(x, heightOf(lane));
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  for (const { text, start, width, lane } of labels) {
    // Over the lines of the lanes above.
    ctx.fillStyle = palette.card;
    ctx.fillRect(start + pixel, heightOf(lane) - 7 * pixel, width + 2 * pixel, 14 * pixel);
    ctx.fillStyle = palette.ink;
    ctx.fillText(text, start + 3 * pixel, heightOf(lane));
  }
  ctx.restore();
}

function markFont(pixel: number): string {
  return `560 ${12 * pixel}px Inter, system-ui, sans-serif`;
}
