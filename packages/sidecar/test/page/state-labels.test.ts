import { describe, expect, test } from 'vitest';
import { formatTime } from '../../src/page/labels.ts';
import { countRecent, describeBrownout, describeUnauthorized, isRecent } from '../../src/page/state-labels.ts';
import { NOW_MS } from '../fixture/readings.ts';

const MINUTE = 60_000;
const ago = (ms: number) => new Date(NOW_MS - ms).toISOString();
const clock = (ms: number) => formatTime(NOW_MS - ms, NOW_MS);

test('five minutes are recent, no more', () => {
  expect([0, 5 * MINUTE, 5 * MINUTE + 1].map((ms) => isRecent(ago(ms), NOW_MS))).toEqual([true, true, false]);
  expect(isRecent(null, NOW_MS)).toBe(false);
});

test('counts what happened in the last five minutes', () => {
  const points = [9, 4, 0].map((minutes) => ({ atMs: NOW_MS - minutes * MINUTE, unauthorized: minutes + 1 }));
  expect(countRecent(points, NOW_MS)).toBe(6);
});

describe('valid tokens that were refused', () => {
  const startedAt = ago(60 * MINUTE);
  const since = `since ${clock(60 * MINUTE)}, when this sidecar started`;

  test('are none since the sidecar started', () => {
    const status = { validUnauthorized: 0, lastValidUnauthorizedAt: null, startedAt };
    expect(describeUnauthorized(status, 0, NOW_MS)).toBe(`No valid token was refused ${since}. It must stay 0.`);
  });

  test('have a rate while they go on', () => {
    const status = { validUnauthorized: 60, lastValidUnauthorizedAt: ago(2000), startedAt };
    expect(describeUnauthorized(status, 50, NOW_MS)).toBe(
      `50 in the last 5 min (10/min), the last one 2 s ago. It must be 0: crossfade rollback. Counted ${since}.`,
    );
  });

  test('have a rate over the life of a young sidecar', () => {
    const status = { validUnauthorized: 3, lastValidUnauthorizedAt: ago(2000), startedAt: ago(30_000) };
    expect(describeUnauthorized(status, 3, NOW_MS)).toContain('3 in the last 30 s (6/min)');
  });

  test('are past once none came for five minutes', () => {
    const status = { validUnauthorized: 60, lastValidUnauthorizedAt: ago(10 * MINUTE), startedAt };
    const text = `The last one 10 min ago (${clock(10 * MINUTE)}), none after it. Counted ${since}.`;
    expect(describeUnauthorized(status, 0, NOW_MS)).toBe(text);
  });
});

test('a brownout is described while it is under way', () => {
  const until = ago(-10 * MINUTE);
  const end = clock(-10 * MINUTE);
  expect(describeBrownout(undefined, NOW_MS)).toBe('');
  expect(describeBrownout({ percent: 5, until, refused: 1200 }, NOW_MS)).toBe(
    `legacy is refused for 5 % of clients until ${end}, 1,200 requests refused`,
  );
  expect(describeBrownout({ percent: 5, until, stopped: true }, NOW_MS)).toBe(
    `stopped here by itself; it was to end at ${end}`,
  );
});
