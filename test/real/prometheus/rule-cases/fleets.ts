import { PLAN, readyReplicas } from '../fixture/fleet-series.ts';
import { from, LOSSES, type RuleCase, WATCHED_SINCE, well } from './rule-case.ts';

const UNBROKEN = { [WATCHED_SINCE]: { 38: 240, 75: 240 } };
const PASSES = { 38: 1, 41: 1, 43: 1, 46: 1, 48: 1, 52: 1, 60: 1, 75: 1 };
const INCREASE = 'crossfade:legacy_accepted:increase5m{$m}';

/** What fleets do every day: the gate has to pass where it is true, and to say what was not watched. */
export const FLEETS: readonly RuleCase[] = [
  {
    name: 'one-missed-scrape-of-one',
    isShipped: true,
    instances: [...well('a'), { name: 'b', missed: [[40, 41]] }],
    drained: PASSES,
    values: { ...UNBROKEN, [LOSSES]: { 75: 0 }, [INCREASE]: { 41: 0, 42: 0, 47: 0 } },
  },
  {
    name: 'one-missed-scrape-of-all',
    instances: [
      { name: 'a', missed: [[40, 41]] },
      { name: 'b', missed: [[40, 41]] },
    ],
    drained: PASSES,
    values: { ...UNBROKEN, [LOSSES]: { 75: 0 } },
  },
  ...[42, 44, 46].map((until) => ({
    name: `no-scrape-of-any-for-${until - 39}-minutes`,
    instances: ['a', 'b'].map((name) => ({ name, missed: [[40, until]] as const, quietly: true })),
    drained: { 38: 1, 48: 1, 75: 1 },
    values: { ...UNBROKEN, ...(until < 46 && { [LOSSES]: { 75: 0 } }), [INCREASE]: { 47: 0, 48: 0, 52: 0 } },
  })),
  {
    name: 'no-scrape-of-one-for-6-minutes',
    instances: [...well('a'), { name: 'b', missed: [[40, 45]] }],
    drained: { 38: 1, 48: 1, 75: 1 },
    values: UNBROKEN,
  },
  {
    name: 'no-scrape-of-any-for-20-minutes',
    isShipped: true,
    instances: ['a', 'b'].map((name) => ({ name, missed: [[40, 59]] as const, quietly: true })),
    drained: { 38: 1, 50: undefined, 75: undefined },
    values: { [WATCHED_SINCE]: { 38: 240 }, [`${WATCHED_SINCE} > bool 3000`]: { 75: 1 }, [INCREASE]: { 60: 0, 61: 0 } },
  },
  {
    name: 'no-scrape-of-one-for-20-minutes',
    instances: [...well('a'), { name: 'b', missed: [[40, 59]] }],
    drained: { 38: 1, 50: undefined, 75: undefined },
  },
  {
    name: 'a-comeback-after-20-minutes-with-3-more',
    instances: [...well('a'), { name: 'b', missed: [[40, 59]], counted: from(50, 4, 1) }],
    values: { [INCREASE]: { 58: 0, 60: 3, 62: 3, 65: 0 } },
    drained: { 60: 0 },
  },
  {
    name: 'a-restarted-process-counts-in-full',
    instances: [
      { name: 'a', process: 'a-1', goneAt: 40, counted: () => 7 },
      { name: 'a', process: 'a-2', startedAt: 40, scrapedFrom: 41, counted: () => 7 },
    ],
    ready: 1,
    values: { [INCREASE]: { 38: 0, 42: 7, 48: 0 } },
    drained: { 38: 1, 42: 0 },
  },
  {
    name: 'a-restart-that-no-scrape-misses',
    instances: [
      { name: 'a', process: 'a-1', goneAt: 40 },
      { name: 'a', process: 'a-2', startedAt: 40, scrapedFrom: 41 },
    ],
    ready: 1,
    drained: { 38: 1, 44: 1, 60: 1, 75: 1 },
    values: { ...UNBROKEN, [LOSSES]: { 75: 1 } },
  },
  {
    name: 'an-end-unscraped-is-a-loss-and-the-gate-goes-on',
    isShipped: true,
    instances: [...well('a'), { name: 'b', goneAt: 40 }, { name: 'c', startedAt: 40, scrapedFrom: 41 }],
    ready: (minute) => (minute === 40 ? 1 : 2),
    drained: PASSES,
    values: { ...UNBROKEN, [LOSSES]: { 44: 0, 52: 1, 75: 1 } },
  },
  {
    name: 'a-clean-end-is-no-loss',
    instances: [...well('a'), { name: 'b', finalAt: 39, goneAt: 40 }],
    ready: from(39, 1, 2),
    drained: PASSES,
    values: { ...UNBROKEN, [LOSSES]: { 52: 0, 75: 0 } },
  },
  {
    name: 'a-scale-up-with-late-first-scrapes',
    isShipped: true,
    instances: [
      ...well('a', 'b'),
      { name: 'c', startedAt: 40, scrapedFrom: 41 },
      { name: 'd', startedAt: 40, scrapedFrom: 45 },
    ],
    ready: from(40, 4, 2),
    drained: PASSES,
    values: {
      ...UNBROKEN,
      'crossfade:watched:ratio{$m}': { 50: 1 },
      'crossfade:expected_instances:settled{$m}': { 50: 4 },
    },
  },
  {
    name: 'a-scale-down-that-is-known-late',
    instances: [...well('a', 'b'), { name: 'c', finalAt: 40, goneAt: 41 }, { name: 'd', finalAt: 40, goneAt: 41 }],
    ready: from(42, 2, 4),
    drained: PASSES,
    values: UNBROKEN,
  },
  {
    name: 'an-eviction',
    isShipped: true,
    instances: [...well('a'), { name: 'b', goneAt: 40 }, { name: 'c', startedAt: 43, scrapedFrom: 44 }],
    ready: (minute) => (minute >= 40 && minute < 43 ? 1 : 2),
    drained: PASSES,
    values: { ...UNBROKEN, [LOSSES]: { 75: 1 } },
  },
  {
    name: 'a-rolling-deploy',
    isShipped: true,
    instances: [
      { name: 'a', finalAt: 42, goneAt: 43 },
      { name: 'b', finalAt: 45, goneAt: 46 },
      { name: 'c', startedAt: 40, scrapedFrom: 41 },
      { name: 'd', startedAt: 43, scrapedFrom: 44 },
    ],
    ready: 2,
    drained: PASSES,
    values: { ...UNBROKEN, [LOSSES]: { 75: 0 } },
  },
  {
    name: 'a-rolling-deploy-that-kills-all-unscraped',
    isShipped: true,
    instances: [
      { name: 'a', goneAt: 42 },
      { name: 'b', goneAt: 45 },
      { name: 'c', startedAt: 40, scrapedFrom: 41 },
      { name: 'd', startedAt: 43, scrapedFrom: 44 },
    ],
    ready: 2,
    drained: PASSES,
    values: { ...UNBROKEN, [LOSSES]: { 75: 2 } },
  },
  {
    name: 'a-rolling-deploy-whose-version-is-never-scraped',
    isShipped: true,
    instances: [
      { name: 'a', finalAt: 42, goneAt: 43 },
      { name: 'b', finalAt: 45, goneAt: 46 },
    ],
    ready: 2,
    drained: { 38: 1, 52: undefined, 75: undefined },
  },
  {
    name: 'young-pods-without-target-traffic',
    isShipped: true,
    instances: [...well('a'), { name: 'b', startedAt: 40, target: [] }],
    ready: from(40, 2, 1),
    drained: PASSES,
  },
  {
    name: 'target-traffic-that-an-instance-saw-that-is-gone',
    instances: [
      { name: 'a', finalAt: 42, goneAt: 43 },
      { name: 'b', startedAt: 41, target: [] },
    ],
    ready: 1,
    drained: { 38: 1, 60: 1, 64: undefined },
  },
  {
    name: 'several-services',
    isShipped: true,
    instances: [...well('a', 'b'), { name: 'c', service: 'other' }],
    ready: { s: 2, other: 1 },
    drained: PASSES,
    values: UNBROKEN,
  },
  {
    name: 'a-service-that-comes-and-one-that-goes',
    instances: [
      ...well('a'),
      { name: 'b', service: 'gone', finalAt: 41, goneAt: 42 },
      { name: 'c', service: 'new', startedAt: 39 },
    ],
    ready: {
      s: 1,
      gone: (minute) => (minute < 42 ? 1 : undefined),
      new: (minute) => (minute < 40 ? undefined : 1),
    },
    drained: { 38: 1, 50: 1, 60: 1, 75: 1 },
    values: UNBROKEN,
  },
  {
    name: 'an-instance-that-two-jobs-scrape-counts-once',
    instances: [{ name: 'a', jobs: ['crossfade', 'pods'] }],
    ready: 1,
    drained: PASSES,
    values: { 'crossfade:watched_instances:sum{$m}': { 38: 1 }, [INCREASE]: { 38: 0 } },
  },
  {
    name: 'kube-state-metrics-twice-count-once',
    isShipped: true,
    instances: well('a', 'b'),
    workloads: (migration, minutes) =>
      ['ksm-0', 'ksm-1'].flatMap((scraper) => readyReplicas(() => 2, minutes, { migration, scraper })),
    drained: PASSES,
    values: { 'crossfade:expected_instances:sum{$m}': { 38: 2 } },
  },
  {
    name: 'a-stateful-set-of-a-service-with-another-name',
    instances: well('a', 'b'),
    workloads: (migration, minutes) =>
      readyReplicas(() => 2, minutes, { migration, kind: 'statefulset', deployment: migration, service: 's' }),
    drained: PASSES,
  },
  {
    name: 'an-expectation-that-is-absent-for-2-minutes',
    instances: well('a', 'b'),
    ready: (minute) => (minute >= 40 && minute < 42 ? undefined : 2),
    drained: PASSES,
    values: { ...UNBROKEN, 'crossfade:unwatched_debt:seconds{$m}': { 60: 0 } },
  },
  {
    name: 'an-expectation-that-is-unknown-half-of-the-time',
    instances: well('a', 'b'),
    ready: (minute) => (minute >= 12 && minute % 10 < 5 ? undefined : 2),
    drained: { 75: undefined },
    checks: { watched: { 75: undefined } },
    values: { [WATCHED_SINCE]: { 75: 240 } },
  },
  {
    name: 'holes-that-are-bridged',
    isShipped: true,
    instances: [{ name: 'a', missed: [12, 20, 28, 36, 44, 52, 60].map((at) => [at, at + 6] as const) }],
    drained: { 35: 1 },
    checks: { watched: { 35: 1 }, coverage: { 75: 1 } },
    values: { [WATCHED_SINCE]: { 75: 240 } },
  },
  {
    name: 'a-hole-that-coverage-allows',
    instances: [...well('a', 'b', 'c'), { name: 'd', missed: [[40, 60] as const] }].map((one) => ({
      ...one,
      plan: { ...PLAN, coverage: 0.7 },
    })),
    drained: PASSES,
    values: { ...UNBROKEN, 'crossfade:watched:ratio{$m}': { 50: 0.75 } },
  },
];
