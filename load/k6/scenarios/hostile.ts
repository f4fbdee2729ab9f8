// Valid requests alone, then beside forged, expired, foreign, huge and slow ones.
import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { SCENARIOS } from '../catalogue.ts';
import { once, steadyArrivals, users } from '../traffic/arrivals.ts';
import { HOSTILE, type Material, REFUSALS } from '../traffic/hostile-requests.ts';
import { order } from '../traffic/orders.ts';
import { createPhases } from '../traffic/phases.ts';
import { OPERATOR, RATE, SECONDS } from '../traffic/settings.ts';
import { summaryTrendStats } from '../traffic/summary.ts';
import { bothSides, phaseThresholds, validThresholds } from '../traffic/thresholds.ts';
import { mint, tokenOf } from '../traffic/tokens.ts';

export { handleSummary } from '../traffic/summary.ts';

const phases = createPhases(SCENARIOS.hostile.phases);
const KINDS = Object.keys(HOSTILE);

/** Hostile requests that got anything but a refusal: 2xx, 5xx or no response. */
const notRefused = new Rate('hostile_not_refused');

export const options: Options = {
  scenarios: {
    legacy: steadyArrivals('legacy', RATE / 2),
    target: steadyArrivals('target', RATE / 2),
    hostile: {
      executor: 'constant-arrival-rate',
      exec: 'hostile',
      // As many as there are valid ones.
      rate: RATE,
      timeUnit: '1s',
      startTime: phases.startOf('attacked'),
      duration: phases.lengthOf('attacked'),
      ...users(RATE),
    },
    slow: once('slow', phases.startOf('attacked')),
  },
  thresholds: {
    ...validThresholds(RATE * SECONDS + (RATE * SECONDS) / 2),
    'http_reqs{kind:order}': [`count>=${Math.floor(RATE * SECONDS * 0.97)}`],
    ...phaseThresholds(phases.names, bothSides(phases.names)),
    hostile_not_refused: ['rate==0'],
    slow_not_refused: ['rate==0'],
    ...Object.fromEntries(
      KINDS.flatMap((kind) => [
        [`hostile_not_refused{kind:${kind}}`, ['rate==0']],
        [`http_reqs{hostile:${kind}}`, ['count>0']],
      ]),
    ),
  },
  summaryTrendStats,
};

interface Minted {
  readonly expired: string;
}

/** Mints the token that has expired when the hostile requests start. */
export function setup(): Minted {
  return { expired: mint('target').text };
}

export const legacy = (): void => order(tokenOf('legacy'), phases.now());
export const target = (): void => order(tokenOf('target'), phases.now());

export function hostile({ expired }: Minted): void {
  const kind = KINDS[exec.scenario.iterationInTest % KINDS.length] ?? '';
  const material: Material = { target: tokenOf('target'), other: tokenOf('other').text, expired };
  const response = HOSTILE[kind]?.(material);
  notRefused.add(!REFUSALS.includes(response?.status ?? 0), { kind });
}

const slowNotRefused = new Rate('slow_not_refused');

export function slow(): void {
  const ms = Math.round(SECONDS * 450);
  const response = http.post(`${OPERATOR}/slow-clients?ms=${ms}`, null, {
    tags: { kind: 'operator' },
    timeout: `${ms + 30_000}ms`,
  });
  const { sent, admitted } = response.json() as { readonly sent: number; readonly admitted: number };
  for (let count = 0; count < sent; count += 1) slowNotRefused.add(count < admitted);
}
