// Issuance goes to 100%, a close that comes too early is refused, legacy tokens drain, the gate passes, the operator closes.

import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { SCENARIOS } from '../catalogue.ts';
import { once, steadyArrivals } from '../traffic/arrivals.ts';
import { move, moveThresholds } from '../traffic/moves.ts';
import { order } from '../traffic/orders.ts';
import { createPhases } from '../traffic/phases.ts';
import { APIS, RATE, SECONDS } from '../traffic/settings.ts';
import { summaryTrendStats } from '../traffic/summary.ts';
import { phaseThresholds, validThresholds } from '../traffic/thresholds.ts';
import { mint, selectedToken } from '../traffic/tokens.ts';

export { handleSummary } from '../traffic/summary.ts';

const phases = createPhases(SCENARIOS.close.phases);
const LATE_CLIENTS = 10;

/** A client that comes with a legacy token after the close must get 401, and 200 with the target token that it gets then. */
const lateWrong = new Rate('late_client_wrong');

export const options: Options = {
  scenarios: {
    clients: steadyArrivals('clients'),
    drain: once('drain', phases.startOf('drain')),
    close: once('close', phases.startOf('closed')),
  },
  thresholds: {
    ...validThresholds(RATE * SECONDS),
    ...phaseThresholds(phases.names, [
      ['both', 'legacy'],
      ['both', 'target'],
      ['closed', 'target'],
    ]),
    ...moveThresholds(['advance', 'close'], 30_000),
    late_client_wrong: ['rate==0'],
  },
  summaryTrendStats,
};

export const clients = (): void => order(selectedToken(), phases.now());

export function drain(): void {
  move('advance');
  move('close-too-early');
}

export function close(): void {
  move('close');
  for (let count = 0; count < LATE_CLIENTS; count += 1) {
    const url = `${APIS[count % APIS.length]}/orders`;
    for (const [side, expected] of [
      ['legacy', 401],
      ['target', 200],
    ] as const) {
      const headers = { authorization: `Bearer ${mint(side).text}` };
      const { status } = http.get(url, { headers, tags: { kind: 'late' } });
      lateWrong.add(status !== expected);
    }
  }
}
