import { PLAN } from '../fixture/fleet-series.ts';
import { from, type RuleCase, well } from './rule-case.ts';

/** What is known holds up the drain until its window has passed; what may be so leaves it unknown. */
export const NOT_DRAINED: readonly RuleCase[] = [
  {
    name: 'drained-when-all-is-well',
    isShipped: true,
    instances: well('a', 'b'),
    drained: { 10: 0, 25: 0, 32: undefined, 34: 1, 75: 1 },
    checks: {
      issuance: { 34: 1 },
      coverage: { 34: 1 },
      watched: { 32: undefined, 34: 1 },
      silence: { 20: 0, 27: 1 },
      expiry: { 3: 0, 4: 1 },
      sessions: { 30: 0, 31: 1 },
      target_traffic: { 34: 1 },
      answers: { 34: 1 },
      disagreements: { 34: 1 },
    },
  },
  {
    name: 'a-young-watch-that-saw-nothing-bad',
    instances: [
      { name: 'a', legacy: [] },
      { name: 'b', legacy: [] },
    ],
    drained: { 32: undefined, 34: 1 },
  },
  {
    name: 'legacy-inside-the-window',
    isShipped: true,
    instances: [...well('a'), { name: 'b', legacy: [0.5, 45], issued: 0.5, expiry: 46 }],
    drained: { 44: 1, 46: 0, 64: 0, 72: 1 },
    checks: { silence: { 64: 0, 72: 1 } },
  },
  {
    name: 'legacy-that-was-rejected',
    instances: [...well('a'), { name: 'b', legacy: [0.5, 45], issued: 0.5, expiry: 46, counted: () => 1 }],
    drained: { 44: 1, 46: 0, 64: 0, 66: 1 },
  },
  {
    name: 'legacy-still-minted',
    isShipped: true,
    instances: [...well('a'), { name: 'b', issued: [0.5, 35] }],
    drained: { 34: 1, 36: 0, 64: 0, 66: 1 },
    checks: { sessions: { 64: 0, 66: 1 }, silence: { 64: 1 } },
  },
  {
    name: 'legacy-still-alive',
    isShipped: true,
    instances: [...well('a'), { name: 'b', expiry: 60 }],
    drained: { 34: 0, 60: 0, 62: 1 },
    checks: { expiry: { 60: 0, 61: 1 } },
  },
  {
    name: 'a-token-that-could-not-be-judged',
    isShipped: true,
    instances: [...well('a'), { name: 'b', unjudged: 40 }],
    drained: { 39: 1, 41: 0, 69: 0, 71: 1 },
    checks: { silence: { 59: 0, 61: 1 }, sessions: { 69: 0, 71: 1 } },
  },
  {
    name: 'a-valid-token-that-the-api-refused',
    isShipped: true,
    instances: [...well('a'), { name: 'b', unauthorized: 45 }],
    drained: { 44: 1, 46: 0, 64: 0, 66: 1 },
    checks: { answers: { 64: 0, 66: 1 } },
  },
  {
    name: 'issuance-that-went-back',
    isShipped: true,
    instances: [...well('a'), { name: 'b', percent: (minute) => (minute >= 35 && minute < 37 ? 50 : 100) }],
    drained: { 34: 1, 36: 0, 60: 0, 73: 1 },
    checks: { silence: { 60: 0, 62: 1 }, sessions: { 70: 0, 73: 1 }, issuance: { 36: 0, 60: 1 } },
  },
  {
    name: 'issuance-below-100-at-one-of-two',
    instances: [...well('a'), { name: 'b', percent: () => 99 }],
    drained: { 40: 0, 75: 0 },
    checks: { issuance: { 40: 0 } },
  },
  {
    name: 'a-fast-clock-sees-no-future',
    instances: [
      ...well('a'),
      { name: 'b', legacy: [0.5, 40], issued: 0.5, expiry: 41, clock: (minute) => (minute < 35 ? 0 : 10) },
    ],
    drained: { 39: 1, 41: 0, 69: 0, 71: 1 },
  },
  {
    name: 'a-slow-clock-that-no-counter-corrects',
    isShipped: true,
    instances: [
      ...well('a'),
      { name: 'b', legacy: 45, issued: [], expiry: 46, clock: (minute) => (minute < 50 ? -10 : 0), silent: /_total/ },
    ],
    drained: { 44: 1, 46: 0, 64: 0, 66: 1 },
  },
  {
    name: 'a-slow-clock-and-a-valid-token-that-the-api-refused',
    instances: [...well('a'), { name: 'b', unauthorized: 45, clock: () => -10 }],
    drained: { 44: 1, 46: 0, 64: 0, 66: 1 },
  },
  {
    name: 'a-verified-disagreement',
    isShipped: true,
    instances: [...well('a'), { name: 'b', verified: 45 }],
    drained: { 44: 1, 46: 0, 64: 0, 66: 1 },
    checks: { disagreements: { 64: 0, 66: 1 } },
  },
  {
    name: 'an-unverified-disagreement',
    isShipped: true,
    instances: [...well('a'), { name: 'b', unverified: 45 }],
    drained: { 44: 1, 46: undefined, 64: undefined, 66: 1 },
    checks: { disagreements: { 64: undefined, 66: 1 } },
  },
  {
    name: 'both-disagreements-fail',
    instances: [
      { name: 'a', verified: 45 },
      { name: 'b', unverified: 48 },
    ],
    drained: { 46: 0, 64: 0, 66: undefined, 69: 1 },
  },
  {
    name: 'an-unverified-disagreement-excuses-nothing',
    instances: [...well('a'), { name: 'b', unverified: 45, unauthorized: 45 }],
    drained: { 46: 0, 64: 0, 66: 1 },
  },
  {
    name: 'a-known-failure-while-unwatched',
    isShipped: true,
    instances: [
      { name: 'a', legacy: [0.5, 50] },
      { name: 'b', goneAt: 40 },
    ],
    drained: { 38: 1, 48: undefined, 52: 0, 69: 0 },
  },
  {
    name: 'a-known-failure-while-all-are-gone',
    instances: [{ name: 'a', legacy: [0.5, 39], issued: 0.5, expiry: 40, goneAt: 40 }],
    drained: { 38: 1, 50: 0, 58: 0, 66: undefined, 75: undefined },
  },
  {
    name: 'a-known-failure-without-an-expectation',
    instances: [{ name: 'a', legacy: [0.5, 45] }],
    ready: null,
    drained: { 40: undefined, 46: 0, 64: 0 },
  },
  {
    name: 'legacy-of-an-instance-that-is-gone',
    isShipped: true,
    instances: [...well('a'), { name: 'b', legacy: [0.5, 44], issued: 0.5, expiry: 45, finalAt: 45, goneAt: 46 }],
    ready: from(46, 1, 2),
    drained: { 43: 1, 55: 0, 63: 0, 71: 1 },
  },
  {
    name: 'a-bridge-token-that-a-close-accepts',
    instances: [...well('a'), { name: 'b', bridge: 45 }],
    drained: { 44: 1, 46: 1, 75: 1 },
  },
  {
    name: 'a-plan-with-other-windows',
    isShipped: true,
    instances: [{ name: 'a', plan: { ...PLAN, drain_window: 2700, session_horizon: 600 } }],
    drained: { 34: 0, 45: 0, 53: 1 },
  },
  {
    name: 'a-plan-that-is-shortened',
    isShipped: true,
    instances: [
      { name: 'a', plan: (minute) => (minute < 25 ? { ...PLAN, drain_window: 2700, session_horizon: 2700 } : PLAN) },
    ],
    drained: { 34: 0, 45: 0, 53: 1 },
  },
  {
    name: 'a-plan-that-is-lengthened',
    instances: [
      { name: 'a', plan: (minute) => (minute < 40 ? PLAN : { ...PLAN, drain_window: 3300, session_horizon: 3300 }) },
    ],
    drained: { 39: 1, 41: 0, 55: 0, 63: 1 },
  },
];
