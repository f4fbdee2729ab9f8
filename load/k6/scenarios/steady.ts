// Tokens of both audiences at a constant arrival rate.
import type { Options } from 'k6/options';
import { steadyArrivals } from '../traffic/arrivals.ts';
import { order } from '../traffic/orders.ts';
import { RATE, SECONDS } from '../traffic/settings.ts';
import { summaryTrendStats } from '../traffic/summary.ts';
import { phaseThresholds, validThresholds } from '../traffic/thresholds.ts';
import { tokenOf } from '../traffic/tokens.ts';

export { handleSummary } from '../traffic/summary.ts';

const PHASE = 'steady';

export const options: Options = {
  scenarios: { legacy: steadyArrivals('legacy', RATE / 2), target: steadyArrivals('target', RATE / 2) },
  thresholds: {
    ...validThresholds(RATE * SECONDS),
    ...phaseThresholds(
      [PHASE],
      [
        [PHASE, 'legacy'],
        [PHASE, 'target'],
      ],
    ),
  },
  summaryTrendStats,
};

export const legacy = (): void => order(tokenOf('legacy'), PHASE);
export const target = (): void => order(tokenOf('target'), PHASE);
