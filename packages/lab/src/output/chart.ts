import { formatInstant } from '@crossfade/core';
import { countsBetween, legacyShare, type Moment } from '../ledger/ledger.ts';
import type { Rehearsal } from '../ledger/report.ts';

const WIDTH = 960;
const HEIGHT = 300;
/** The plot area: below the phase names, above the time line. */
const PLOT = { left: 16, right: WIDTH - 16, top: 56, bottom: HEIGHT - 36 };
/** The window of the moving average that smooths the share. */
const WINDOW_MS = 2000;

const STYLE = `
text{font:14px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1f2328}
.quiet{fill:#59636e;font-size:12px}.legacy{fill:#d9822b}.target{fill:#2f6fde}.on{fill:#fff;font-weight:600}
line{stroke:#1f2328;stroke-opacity:.35}.rollback{stroke:#fff;stroke-opacity:.9;stroke-dasharray:3 3}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.on{fill:#fff}line{stroke:#e6edf3}}`;

/** Draws the share of legacy and target traffic over time, with the phases and the rollback, as an SVG. */
export function drawChart(rehearsal: Rehearsal, moments: readonly Moment[]): string {
  const startMs = Date.parse(rehearsal.phases[0]?.startedAt ?? formatInstant(moments[0]?.atMs ?? 0));
  const endMs = Math.max(moments.at(-1)?.atMs ?? startMs, startMs + 1);
  const x = (timeMs: number) => round(PLOT.left + ((timeMs - startMs) / (endMs - startMs)) * (PLOT.right - PLOT.left));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">`,
    '<title id="title">Share of legacy and target requests during one rehearsal</title>',
    `<style>${STYLE}</style>`,
    `<rect class="target" x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.right - PLOT.left}" height="${PLOT.bottom - PLOT.top}"/>`,
    `<path class="legacy" d="${outline(sharesOf(moments, startMs), x)}"/>`,
    ...rehearsal.phases.map(({ phase, startedAt }, index) => phaseMark(phase, x(Date.parse(startedAt)), index)),
    ...rollbackMark(rehearsal.rollback, x),
    `<text class="on" x="${PLOT.left + 12}" y="${PLOT.bottom - 14}">legacy</text>`,
    `<text class="on" x="${PLOT.right - 12}" y="${PLOT.top + 24}" text-anchor="end">target</text>`,
    `<text class="quiet" x="${PLOT.left}" y="${HEIGHT - 12}">${summary(rehearsal)}</text>`,
    `<text class="quiet" x="${PLOT.right}" y="${HEIGHT - 12}" text-anchor="end">${Math.round((endMs - startMs) / 1000)} seconds</text>`,
    '</svg>',
    '',
  ].join('\n');
}

interface Share {
  readonly atMs: number;
  readonly legacy: number;
}

function sharesOf(moments: readonly Moment[], startMs: number): Share[] {
  let oldest = 0;
  let share = 1;
  const shares = moments.map(({ atMs, counts }): Share => {
    while ((moments[oldest]?.atMs ?? atMs) < atMs - WINDOW_MS) oldest += 1;
    const lately = countsBetween(moments[oldest]?.counts ?? counts, counts);
    // Without requests in the window the share stays as it was.
    if (lately.legacy + lately.target > 0) share = legacyShare(lately);
    return { atMs, legacy: share };
  });
  return shares.filter(({ atMs }) => atMs >= startMs);
}

/** The area of the legacy share: from the bottom up, so it shrinks as target takes over. */
function outline(shares: readonly Share[], x: (timeMs: number) => number): string {
  const y = (legacy: number) => round(PLOT.bottom - legacy * (PLOT.bottom - PLOT.top));
  const curve = shares.map(({ atMs, legacy }) => `L${x(atMs)} ${y(legacy)}`).join('');
  const first = y(shares[0]?.legacy ?? 1);
  return `M${PLOT.left} ${PLOT.bottom}L${PLOT.left} ${first}${curve}L${PLOT.right} ${PLOT.bottom}Z`;
}

function phaseMark(phase: string, x: number, index: number): string {
  // Every other name stands higher: a short phase leaves no room for the next name.
  const baseline = index % 2 === 0 ? 44 : 22;
  const line = index === 0 ? '' : `<line x1="${x}" y1="${baseline - 12}" x2="${x}" y2="${PLOT.bottom}"/>`;
  return `${line}<text x="${index === 0 ? x : x + 6}" y="${baseline}">${phase}</text>`;
}

function rollbackMark(rollback: Rehearsal['rollback'], x: (timeMs: number) => number): string[] {
  if (rollback === null) return [];
  const at = x(Date.parse(rollback.requestedAt));
  return [
    `<line class="rollback" x1="${at}" y1="${PLOT.top}" x2="${at}" y2="${PLOT.bottom}"/>`,
    `<text class="on" x="${at + 6}" y="${PLOT.bottom - 14}">rollback</text>`,
  ];
}

function summary({ requests, rejected, seed }: Rehearsal): string {
  return `${requests} requests, ${rejected} rejected (seed ${seed})`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
