import type { HistoryShown } from './dashboard-state.ts';
import { drawShares, drawVolume, readPalette } from './draw-chart.ts';
import { drawMarks, heightOfLanes, placeMarks } from './draw-marks.ts';
import { elementOf, inputOf } from './element.ts';
import { formatTime } from './labels.ts';
import { type CurvePoint, shareCurve } from './share-curve.ts';

/** The crossfade chart: shares over time, and the traffic below it. */
export interface Chart {
  show(history: HistoryShown): void;
}

const SHORTEST_RANGE_MS = 60_000;
const EMPTY_HISTORY: HistoryShown = { startedAtMs: 0, stepMs: 1000, points: [], marks: [], truncated: false };
const FONT = '12px Inter, system-ui, sans-serif';
/** The width left of both plots, so that they begin at the same x. */
const GUTTER = 44;

/** @param onPoint is called with the moment under the pointer; with `undefined` when there is none. */
export function createChart(onPoint: (point: CurvePoint | undefined) => void): Chart {
  let history = EMPTY_HISTORY;
  let curve: CurvePoint[] = [];
  let labels: ReturnType<typeof placeMarks> = [];
  let palette = readPalette();
  const container = elementOf('plots');
  const sync = uPlot.sync('crossfade');

  const share = new uPlot(
    {
      ...baseOptions(300),
      padding: [() => heightOfLanes(labels), 8, 8, 0],
      cursor: { ...CURSOR, sync: { key: sync.key } },
      scales: { x: { range: () => rangeOf(history) }, y: { range: [0, 1] } },
      axes: [
        { ...axis(), show: false },
        {
          ...axis(),
          splits: () => [0, 0.25, 0.5, 0.75, 1],
          values: (_plot, splits) => splits.map((split) => `${split * 100} %`),
        },
      ],
      hooks: {
        drawClear: [(plot) => drawShares(plot, curve, history.stepMs, palette)],
        draw: [
          (plot) => {
            labels = placeMarks(plot, history.marks, rangeOf(history));
            drawMarks(plot, labels, palette);
          },
        ],
        setCursor: [
          ({ cursor }) => onPoint(cursor.idx == null || (cursor.left ?? -1) < 0 ? undefined : curve[cursor.idx]),
        ],
      },
    },
    [[], []],
    elementOf('share-plot'),
  );
  const volume = new uPlot(
    {
      ...baseOptions(64),
      padding: [8, 8, 0, 0],
      cursor: { ...CURSOR, sync: { key: sync.key } },
      scales: { x: { range: () => rangeOf(history) }, y: { range: (_plot, _min, max) => [0, Math.max(1, max) * 1.1] } },
      axes: [
        {
          ...axis(),
          grid: { show: false },
          size: 26,
          space: 70,
          values: (plot, splits, _axis, _space, stepSeconds) =>
            splits.map((split) => (isCutOff(plot, split) ? '' : clockOf(split, stepSeconds))),
        },
        {
          ...axis(),
          grid: { show: false },
          splits: (_plot, _axis, _min, max) => [0, Math.floor(max / 1.1)],
          values: (_plot, splits) => splits.map((split) => (split === 0 ? '' : `${split}/s`)),
        },
      ],
      hooks: { drawClear: [(plot) => drawVolume(plot, curve, history.stepMs, palette)] },
    },
    [[], []],
    elementOf('volume-plot'),
  );
  const plots = [share, volume];

  function axis(): uPlot.Axis {
    return {
      font: FONT,
      size: GUTTER,
      gap: 6,
      stroke: () => palette.dim,
      grid: { stroke: 'rgb(160 160 160 / 28%)', width: 1 },
      ticks: { show: false },
    };
  }
  const fit = () => {
    const width = Math.max(200, Math.floor(container.clientWidth));
    for (const plot of plots) plot.setSize({ width, height: plot.root.parentElement?.clientHeight ?? plot.height });
  };
  const redraw = () => {
    palette = readPalette();
    for (const plot of plots) plot.redraw(false, true);
  };
  new ResizeObserver(fit).observe(container);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  const scrubber = inputOf('scrubber');
  addKeyboardControl(scrubber, share, () => curve);

  return {
    show(shown) {
      history = shown;
      curve = shareCurve(shown.points, shown.stepMs);
      const seconds = curve.map(({ atMs }) => atMs / 1000);
      // Before the data: the number of lanes decides how high the plot is.
      labels = placeMarks(share, shown.marks, rangeOf(shown));
      share.setData([seconds, curve.map(({ target }) => target)]);
      const isAtEnd = scrubber.value === scrubber.max;
      scrubber.max = String(Math.max(0, curve.length - 1));
      if (isAtEnd) scrubber.value = scrubber.max;
      volume.setData([seconds, curve.map((point) => point.acceptedPerSecond + point.rejectedPerSecond)]);
    },
  };
}

const CURSOR: uPlot.Cursor = { y: false, drag: { setScale: false, x: false, y: false }, points: { show: false } };

function baseOptions(height: number): Pick<uPlot.Options, 'width' | 'height' | 'legend' | 'series'> {
  return { width: 600, height, legend: { show: false }, series: [{}, { paths: () => null, points: { show: false } }] };
}

function rangeOf({ points, startedAtMs, stepMs }: HistoryShown): [number, number] {
  const endMs = points.at(-1)?.atMs ?? startedAtMs + stepMs;
  const beginMs = Math.min((points[0]?.atMs ?? startedAtMs) - stepMs, endMs - SHORTEST_RANGE_MS);
  return [beginMs / 1000, endMs / 1000];
}

/** Whether a label at this time would be cut off at the right edge. */
function isCutOff(plot: uPlot, timeSeconds: number): boolean {
  return plot.valToPos(timeSeconds, 'x') > plot.over.clientWidth - 22;
}

function clockOf(timeSeconds: number, stepSeconds: number): string {
  const clock = formatTime(timeSeconds * 1000, timeSeconds * 1000);
  return stepSeconds < 60 ? clock : clock.slice(0, 5);
}

/** Lets the arrow keys move from moment to moment; Escape and blur return to the present. */
function addKeyboardControl(scrubber: HTMLInputElement, plot: uPlot, curve: () => readonly CurvePoint[]): void {
  const reset = () => {
    plot.setCursor({ left: -10, top: -10 });
    scrubber.value = scrubber.max;
  };
  scrubber.addEventListener('input', () => {
    const point = curve()[Number(scrubber.value)];
    if (point !== undefined) plot.setCursor({ left: plot.valToPos(point.atMs / 1000, 'x'), top: 10 });
  });
  scrubber.addEventListener('blur', reset);
  scrubber.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') reset();
  });
}
