// Half of the clients ask for target tokens when the operator rolls back; tokens of both audiences go on meanwhile.
import type { Options } from 'k6/options';
import { SCENARIOS } from '../catalogue.ts';
import { once, steadyArrivals } from '../traffic/arrivals.ts';
import { move, moveThresholds } from '../traffic/moves.ts';
import { order } from '../traffic/orders.ts';
import { createPhases } from '../traffic/phases.ts';
import { RATE, SECONDS } from '../traffic/settings.ts';
import { summaryTrendStats } from '../traffic/summary.ts';
import { phaseThresholds, validThresholds } from '../traffic/thresholds.ts';
import { selectedToken } from '../traffic/tokens.ts';

export { handleSummary } from '../traffic/summary.ts';

const phases = createPhases(SCENARIOS.rollback.phases);

export const options: Options = {
  scenarios: {
    clients: steadyArrivals('clients'),
    operator: once('operator', phases.startOf('rollback')),
  },
  thresholds: {
    ...validThresholds(RATE * SECONDS),
    ...phaseThresholds(phases.names, [
      ['before', 'legacy'],
      ['before', 'target'],
      ['rollback', 'target'],
      ['after', 'legacy'],
    ]),
    ...moveThresholds(['rollback'], 20_000),
  },
  summaryTrendStats,
};

export const clients = (): void => order(selectedToken(), phases.now());
export const operator = (): void => move('rollback');
