// Tokens of both audiences at an arrival rate that climbs, holds and falls.
import type { Options, Scenario } from 'k6/options';
import { SCENARIOS } from '../catalogue.ts';
import { users } from '../traffic/arrivals.ts';
import { order } from '../traffic/orders.ts';
import { createPhases } from '../traffic/phases.ts';
import { RATE, SECONDS } from '../traffic/settings.ts';
import { summaryTrendStats } from '../traffic/summary.ts';
import { bothSides, phaseThresholds, validThresholds } from '../traffic/thresholds.ts';
import { tokenOf } from '../traffic/tokens.ts';

export { handleSummary } from '../traffic/summary.ts';

const phases = createPhases(SCENARIOS.ramp.phases);
const LOWEST = Math.max(1, Math.round(RATE / 20));

const arrivals = (exec: string): Scenario => ({
  executor: 'ramping-arrival-rate',
  exec,
  startRate: LOWEST,
  timeUnit: '1s',
  stages: [
    { target: RATE / 2, duration: phases.lengthOf('climb') },
    { target: RATE / 2, duration: phases.lengthOf('hold') },
    { target: LOWEST, duration: phases.lengthOf('fall') },
  ],
  gracefulStop: '10s',
  ...users(RATE / 2),
});

const SHARE_OF_PEAK = 0.25 + 0.75 * ((1 + (2 * LOWEST) / RATE) / 2);

export const options: Options = {
  scenarios: { legacy: arrivals('legacy'), target: arrivals('target') },
  thresholds: {
    ...validThresholds(RATE * SECONDS * SHARE_OF_PEAK),
    ...phaseThresholds(phases.names, bothSides(phases.names)),
  },
  summaryTrendStats,
};

export const legacy = (): void => order(tokenOf('legacy'), phases.now());
export const target = (): void => order(tokenOf('target'), phases.now());
