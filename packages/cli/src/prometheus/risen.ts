import { offsetOf } from './recorded-window.ts';

/**
 * How much a counter rose within a window of at most five minutes, by whichever estimate is greatest: since the last sample
 * before it, which counts a counter that is born at 1, or began again, in full; by `increase`, which knows of restarts within
 * it; and the highest value of one that was born within it. A series that was only unscraped for up to an hour has a past.
 * @param endedSecondsAgo when the window ended.
 */
export function risen(counter: string, windowSeconds: number, endedSecondsAgo = 0): string {
  const window = `${windowSeconds}s`;
  const ended = offsetOf(endedSecondsAgo);
  const last = `last_over_time(${counter}[${window}]${ended})`;
  const before = `last_over_time(${counter}[1h] offset ${endedSecondsAgo + windowSeconds}s)`;
  const estimates = {
    since: `${last} - (${before} <= ${last}) or ${last}`,
    restarts: `increase(${counter}[${window}]${ended})`,
    born: `max_over_time(${counter}[${window}]${ended}) unless ${before}`,
  };
  return Object.entries(estimates)
    .map(([name, promql]) => `label_replace(${promql}, "estimate", "${name}", "", "")`)
    .join(' or ');
}
