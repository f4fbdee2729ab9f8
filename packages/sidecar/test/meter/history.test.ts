import { expect, test } from 'vitest';
import { createHistory, type HistoryLimits, type Reading } from '../../src/meter/history.ts';

const SMALL: HistoryLimits = { points: 4, marks: 3, firstStepMs: 1000, lastStepMs: 2000 };
const NOTHING: Reading = { legacy: 0, target: 0, bridge: 0, rejected: 0, unauthorized: 0 };
const EXPAND = { phase: 'expand', percent: 0, acceptance: 'both' } as const;

function open(limits?: HistoryLimits) {
  let nowMs = 0;
  const history = createHistory(() => nowMs, limits);
  let reading = NOTHING;
  return {
    history,
    /** Advances the clock by a second in which `more` was counted. */
    second(more: Partial<Reading> = {}, position: Parameters<typeof history.note>[1] = EXPAND) {
      nowMs += 1000;
      reading = {
        legacy: reading.legacy + (more.legacy ?? 0),
        target: reading.target + (more.target ?? 0),
        bridge: reading.bridge + (more.bridge ?? 0),
        rejected: reading.rejected + (more.rejected ?? 0),
        unauthorized: reading.unauthorized + (more.unauthorized ?? 0),
      };
      history.note(reading, position);
    },
    late: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('a point holds what was counted since the previous one', () => {
  const { history, second } = open();
  second({ legacy: 3, rejected: 1 });
  second({ legacy: 1, target: 2, bridge: 1, unauthorized: 2 });
  expect(history.snapshot()).toMatchObject({
    startedAtMs: 0,
    stepMs: 1000,
    truncated: false,
    points: [
      { atMs: 1000, legacy: 3, target: 0, bridge: 0, rejected: 1, unauthorized: 0 },
      { atMs: 2000, legacy: 1, target: 2, bridge: 1, rejected: 0, unauthorized: 2 },
    ],
  });
});

test('neighbours merge when the history is full, and their counts are kept', () => {
  const { history, second } = open(SMALL);
  for (let count = 1; count <= 4; count += 1) second({ legacy: count });
  const { stepMs, points, truncated } = history.snapshot();
  expect({ stepMs, truncated }).toEqual({ stepMs: 2000, truncated: false });
  expect(points.map(({ atMs, legacy }) => [atMs, legacy])).toEqual([
    [2000, 3],
    [4000, 7],
  ]);
});

test('the oldest point is dropped once the steps have their full length', () => {
  const { history, second } = open(SMALL);
  for (let count = 1; count <= 20; count += 1) second({ target: 1 });
  const { points, truncated } = history.snapshot();
  expect(truncated).toBe(true);
  expect(points.length).toBeLessThanOrEqual(SMALL.points);
  expect(points.at(-1)?.atMs).toBe(20_000);
  expect(points.every(({ target }) => target === 2)).toBe(true);
});

test('stays within its bound over days', () => {
  const { history, second } = open();
  let most = 0;
  for (let count = 0; count < 100_000; count += 1) {
    second({ legacy: 1 });
    if (count % 500 === 0) most = Math.max(most, history.snapshot().points.length);
  }
  const { points, stepMs } = history.snapshot();
  expect(most).toBeLessThanOrEqual(720);
  expect(stepMs).toBe(32_000);
  expect((points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0)).toBeGreaterThan(6 * 3_600_000);
});

test('a pause of the process makes one long point', () => {
  const { history, second, late } = open();
  second({ legacy: 1 });
  late(3_600_000);
  second({ legacy: 5 });
  expect(history.snapshot().points.map(({ atMs, legacy }) => [atMs, legacy])).toEqual([
    [1000, 1],
    [3_602_000, 5],
  ]);
});

test('marks its start and the latest changes of phase and switches', () => {
  const { history, second } = open(SMALL);
  second();
  second();
  const migrate = (percent: number) => ({ phase: 'migrate', percent, acceptance: 'both' }) as const;
  second({}, migrate(10));
  second({}, migrate(10));
  expect(history.snapshot().marks).toEqual([
    { atMs: 1000, ...EXPAND },
    { atMs: 3000, ...migrate(10) },
  ]);
  second({}, migrate(50));
  second({}, { phase: 'drain', percent: 100, acceptance: 'both' });
  expect(history.snapshot().marks.map(({ percent }) => percent)).toEqual([10, 50, 100]);
});
