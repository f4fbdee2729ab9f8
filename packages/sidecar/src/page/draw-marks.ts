import type { MarkShown } from './dashboard-state.ts';
import type { Palette } from './draw-chart.ts';
import { labelMark } from './labels.ts';

/** Draws a line where a switch or the phase changed, and its label above where there is room. */
export function drawMarks(plot: uPlot, marks: readonly MarkShown[], palette: Palette): void {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.font = `560 ${12 * pixel}px Inter, system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.strokeStyle = palette.ink;
  ctx.lineWidth = pixel;
  const labels = marks.flatMap((mark, index) => {
    const x = plot.valToPos(mark.atMs / 1000, 'x', true);
    if (x < bbox.left || x > right) return [];
    const text = labelMark(mark, marks[index - 1]);
    const { width } = ctx.measureText(text);
    return [{ x, text, width, start: Math.min(x - pixel, right - width) }];
  });
  ctx.globalAlpha = 0.45;
  for (const { x, text } of labels) {
    ctx.setLineDash(text === 'rollback' ? [4 * pixel, 4 * pixel] : []);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top - 6 * pixel);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  for (const { text, start } of labelsThatFit(labels, 8 * pixel)) {
    ctx.fillStyle = text === 'rollback' ? palette.bad : palette.ink;
    ctx.fillText(text, start, bbox.top - 16 * pixel);
  }
  ctx.restore();
}

/** A label that starts at `start` and is `width` wide. */
interface Label {
  readonly text: string;
  readonly start: number;
  readonly width: number;
}

/** Selects the labels that fit next to each other: rollbacks first, then newer ones before older ones. */
export function labelsThatFit<Kind extends Label>(labels: readonly Kind[], gap: number): Kind[] {
  const newestFirst = labels.toReversed();
  const byPriority = [
    ...newestFirst.filter(({ text }) => text === 'rollback'),
    ...newestFirst.filter(({ text }) => text !== 'rollback'),
  ];
  const placed: Kind[] = [];
  for (const label of byPriority) {
    const overlaps = (other: Kind) =>
      label.start < other.start + other.width + gap && other.start < label.start + label.width + gap;
    if (!placed.some(overlaps)) placed.push(label);
  }
  return placed;
}
