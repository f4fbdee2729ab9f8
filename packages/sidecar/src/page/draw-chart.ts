import { type CurvePoint, segments } from './share-curve.ts';

/** The page's colours, for the canvas. */
export interface Palette {
  readonly legacy: string;
  readonly target: string;
  readonly bridge: string;
  readonly bad: string;
  readonly ink: string;
  readonly dim: string;
  readonly line: string;
  readonly card: string;
}

/** Reads the current palette of the style sheet, light or dark. */
export function readPalette(): Palette {
  const probe = document.body.appendChild(document.createElement('span'));
  // In forced-colors mode the chart keeps its own colours: both sides in one colour would be indistinguishable.
  probe.style.setProperty('forced-color-adjust', 'none');
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    legacy: colour('legacy'),
    target: colour('target'),
    bridge: colour('bridge'),
    bad: colour('bad-fill'),
    ink: colour('ink'),
    dim: colour('dim'),
    line: colour('line'),
    card: colour('card'),
  };
  probe.remove();
  return palette;
}

/** Maps moments and values to pixels of the canvas. */
interface Scales {
  readonly x: (atMs: number) => number;
  readonly y: (value: number) => number;
  readonly top: number;
  readonly bottom: number;
}

function scalesOf(plot: uPlot): Scales {
  return {
    x: (atMs) => plot.valToPos(atMs / 1000, 'x', true),
    y: (value) => plot.valToPos(value, 'y', true),
    top: plot.bbox.top,
    bottom: plot.bbox.top + plot.bbox.height,
  };
}

/** Draws the share of target from below and legacy above it, with a glow where they meet. */
export function drawShares(plot: uPlot, curve: readonly CurvePoint[], stepMs: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const scales = scalesOf(plot);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const segment of segments(curve, stepMs * 3)) drawSegment(ctx, segment, stepMs, scales, palette);
  ctx.restore();
}

function drawSegment(
  ctx: CanvasRenderingContext2D,
  segment: readonly CurvePoint[],
  stepMs: number,
  scales: Scales,
  palette: Palette,
): void {
  const left = scales.x((segment[0]?.atMs ?? 0) - stepMs);
  const right = scales.x(segment.at(-1)?.atMs ?? 0);
  const edgeOf = (share: (point: CurvePoint) => number): [number, number][] => {
    const line = segment.map((point): [number, number] => [scales.x(point.atMs), scales.y(share(point))]);
    return [[left, line[0]?.[1] ?? scales.bottom], ...line];
  };
  const targetEdge = edgeOf(({ target }) => target ?? 0);
  const bridgeEdge = edgeOf(({ target, bridge }) => (target ?? 0) + (bridge ?? 0));

  ctx.save();
  ctx.beginPath();
  ctx.rect(left, scales.top, right - left, scales.bottom - scales.top);
  ctx.clip();
  ctx.fillStyle = gradientOf(ctx, scales, palette.legacy, [1, 0.84]);
  ctx.fillRect(left, scales.top, right - left, scales.bottom - scales.top);
  if (segment.some(({ bridge }) => (bridge ?? 0) > 0)) fillBelow(ctx, bridgeEdge, scales.bottom, palette.bridge);
  if (segment.some(({ target }) => (target ?? 0) > 0)) {
    ctx.shadowColor = `color-mix(in oklch, ${palette.legacy}, ${palette.target})`;
    ctx.shadowBlur = Math.min(34 * devicePixelRatio, (scales.bottom - scales.top) / 7);
    fillBelow(ctx, targetEdge, scales.bottom, palette.target);
    ctx.shadowBlur = 0;
    fillBelow(ctx, targetEdge, scales.bottom, gradientOf(ctx, scales, '#0a1440', [0, 0.2]));
    ctx.strokeStyle = 'rgb(255 255 255 / 85%)';
    ctx.lineWidth = 1.75 * devicePixelRatio;
    ctx.lineJoin = 'round';
    trace(ctx, targetEdge);
    ctx.stroke();
  }
  ctx.restore();
}

function fillBelow(
  ctx: CanvasRenderingContext2D,
  edge: readonly [number, number][],
  bottom: number,
  fill: string | CanvasGradient,
): void {
  trace(ctx, edge);
  ctx.lineTo(edge.at(-1)?.[0] ?? 0, bottom);
  ctx.lineTo(edge[0]?.[0] ?? 0, bottom);
  ctx.closePath();
  ctx.fillStyle = fill;
  ctx.fill();
}

function trace(ctx: CanvasRenderingContext2D, edge: readonly [number, number][]): void {
  ctx.beginPath();
  for (const [x, y] of edge) ctx.lineTo(x, y);
}

/** A gradient of one colour between two opacities, from top to bottom. */
function gradientOf(
  ctx: CanvasRenderingContext2D,
  { top, bottom }: Scales,
  colour: string,
  [from, to]: readonly [number, number],
): CanvasGradient {
  const gradient = ctx.createLinearGradient(0, top, 0, bottom);
  gradient.addColorStop(0, `color-mix(in srgb, ${colour} ${from * 100}%, transparent)`);
  gradient.addColorStop(1, `color-mix(in srgb, ${colour} ${to * 100}%, transparent)`);
  return gradient;
}

/** Draws accepted requests a second, and rejected ones on top of them. */
export function drawVolume(plot: uPlot, curve: readonly CurvePoint[], stepMs: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const scales = scalesOf(plot);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const columns = (from: (point: CurvePoint) => number, to: (point: CurvePoint) => number) => {
    ctx.beginPath();
    for (const [index, point] of curve.entries()) {
      const x = scales.x(curve[index - 1]?.atMs ?? point.atMs - stepMs);
      const y = scales.y(to(point));
      ctx.rect(x, y, scales.x(point.atMs) - x, scales.y(from(point)) - y);
    }
    ctx.fill();
  };
  ctx.fillStyle = `color-mix(in srgb, ${palette.dim} 45%, transparent)`;
  columns(
    () => 0,
    ({ acceptedPerSecond }) => acceptedPerSecond,
  );
  ctx.fillStyle = palette.bad;
  columns(
    ({ acceptedPerSecond }) => acceptedPerSecond,
    ({ acceptedPerSecond, rejectedPerSecond }) => acceptedPerSecond + rejectedPerSecond,
  );
  ctx.restore();
}
