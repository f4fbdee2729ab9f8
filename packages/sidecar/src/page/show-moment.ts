import type { HistoryShown } from './dashboard-state.ts';
import { elementOf, inputOf, setText } from './element.ts';
import { formatShare, formatSpan, formatTime, labelMark } from './labels.ts';
import { type CurvePoint, sharesSince } from './share-curve.ts';

const LAST_MINUTE_MS = 60_000;

/** Shows the moment under the pointer on the fader, or else the last minute. */
export function showMoment(history: HistoryShown, pointed: CurvePoint | undefined): void {
  const { points } = history;
  const newest = points.at(-1);
  if (pointed === undefined) {
    const lastMinute = newest === undefined ? null : sharesSince(points, newest.atMs - LAST_MINUTE_MS);
    setText('moment', lastMinute === null ? 'nothing was accepted in the last minute' : 'in the last minute');
    setScrubberText('the last minute', lastMinute?.legacy ?? null, lastMinute?.target ?? null);
    showShares(lastMinute?.legacy ?? null, lastMinute?.target ?? null);
    return;
  }
  const { atMs, target, bridge, acceptedPerSecond, rejectedPerSecond } = pointed;
  const legacy = target === null ? null : 1 - target - (bridge ?? 0);
  const time = formatTime(atMs, newest?.atMs ?? atMs);
  const moves = movesNear(history, atMs);
  const rates = `${perSecond(acceptedPerSecond)} accepted, ${perSecond(rejectedPerSecond)} rejected`;
  setText('moment', `at ${time}: ${rates}${moves === '' ? '' : `; ${moves}`}`);
  setScrubberText(time, legacy, target);
  showShares(legacy, target);
}

/** Names the moves at a moment: within a hundredth of the chart, which is as close as a pointer comes. */
function movesNear({ marks, points, stepMs }: HistoryShown, atMs: number): string {
  const rangeMs = (points.at(-1)?.atMs ?? atMs) - (points[0]?.atMs ?? atMs);
  const near = Math.max(stepMs, rangeMs / 100);
  const names = marks.map((mark, index) =>
    Math.abs(mark.atMs - atMs) <= near ? labelMark(mark, marks[index - 1]) : '',
  );
  return names.filter((name) => name !== '').join(', ');
}

/** Shows the time that the chart covers. */
export function showHistoryRange({ startedAtMs, stepMs, points, truncated }: HistoryShown): void {
  const last = points.at(-1);
  const from = truncated ? points[0]?.atMs : startedAtMs;
  setText('volume-label', last === undefined ? '' : 'Below: requests per second, rejected ones in red');
  setText(
    'history-range',
    `In memory since ${formatTime(from ?? startedAtMs, last?.atMs ?? startedAtMs)}, one point per ${formatSpan(stepMs)}, at most 6 hours`,
  );
}

function setScrubberText(when: string, legacy: number | null, target: number | null): void {
  const text = `${when}: legacy ${formatShare(legacy)}, target ${formatShare(target)}`;
  inputOf('scrubber').setAttribute('aria-valuetext', text);
}

function showShares(legacy: number | null, target: number | null): void {
  setText('legacy-share', formatShare(legacy));
  setText('target-share', formatShare(target));
  if (target !== null) elementOf('track').style.setProperty('--at', String(target));
}

function perSecond(count: number): string {
  return `${count < 10 ? Number(count.toFixed(1)) : Math.round(count)}/s`;
}
