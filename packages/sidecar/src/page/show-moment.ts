import type { HistoryShown } from './dashboard-state.ts';
import { elementOf, inputOf, put } from './element.ts';
import { formatShare, formatSpan, formatTime } from './labels.ts';
import { type CurvePoint, sharesSince } from './share-curve.ts';

const LATELY_MS = 60_000;

/** Puts onto the fader what is pointed at in the picture, or else the last minute. */
export function showMoment({ points }: HistoryShown, pointed: CurvePoint | undefined): void {
  const newest = points.at(-1);
  if (pointed === undefined) {
    const lately = newest === undefined ? null : sharesSince(points, newest.atMs - LATELY_MS);
    put('moment', lately === null ? 'nothing was accepted in the last minute' : 'in the last minute');
    tellScrubber('the last minute', lately?.legacy ?? null, lately?.target ?? null);
    showShares(lately?.legacy ?? null, lately?.target ?? null);
    return;
  }
  const { atMs, target, bridge, acceptedPerSecond, rejectedPerSecond } = pointed;
  const legacy = target === null ? null : 1 - target - (bridge ?? 0);
  const time = formatTime(atMs, newest?.atMs ?? atMs);
  put('moment', `at ${time}: ${perSecond(acceptedPerSecond)} accepted, ${perSecond(rejectedPerSecond)} rejected`);
  tellScrubber(time, legacy, target);
  showShares(legacy, target);
}

/** Says what the picture covers. */
export function showReach({ startedAtMs, stepMs, points, truncated }: HistoryShown): void {
  const last = points.at(-1);
  const from = truncated ? points[0]?.atMs : startedAtMs;
  put('rate', last === undefined ? '' : 'Below: requests a second, rejected ones in red');
  put(
    'reach',
    `In memory since ${formatTime(from ?? startedAtMs, last?.atMs ?? startedAtMs)}, a point each ${formatSpan(stepMs)}, 6 hours at most`,
  );
}

function tellScrubber(when: string, legacy: number | null, target: number | null): void {
  const text = `${when}: legacy ${formatShare(legacy)}, target ${formatShare(target)}`;
  inputOf('scrubber').setAttribute('aria-valuetext', text);
}

function showShares(legacy: number | null, target: number | null): void {
  put('legacy-share', formatShare(legacy));
  put('target-share', formatShare(target));
  if (target !== null) elementOf('track').style.setProperty('--at', String(target));
}

function perSecond(count: number): string {
  return `${count < 10 ? Number(count.toFixed(1)) : Math.round(count)}/s`;
}
