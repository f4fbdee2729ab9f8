import { type Process, scrapeInstance } from './fleet.ts';
import { createRandom } from './random.ts';
import type { PlanNumbers, Recorded, ScrapeTarget } from './recorded.ts';
import { sampleScrapes } from './scrape-samples.ts';
import type { TrafficEvent } from './traffic.ts';

const STEP = 30;
/** kube-state-metrics tells it half a minute late. */
const TOLD_LATE = 30;
const NEVER = Number.POSITIVE_INFINITY;

/** A process of one service that ends as written; `servesUntil` may be infinite. Times are seconds. */
export function scriptedProcess(
  index: number,
  plan: PlanNumbers,
  { startedAt, servesUntil, isClean }: Pick<Process, 'startedAt' | 'servesUntil' | 'isClean'>,
): Process {
  const plain = { service: 'orders', isUnscraped: false, skews: [], plan, tellsDisagreements: true, isIdle: false };
  const name = `orders-${index}`;
  const goneAt = isClean ? servesUntil + 120 : servesUntil;
  return { ...plain, instance: name, name, startedAt, servesUntil, goneAt, isClean, targetAfter: 10 };
}

/** What Prometheus has of such processes: scraped each minute, two of 1,000 scrapes missed, as many expected as are ready. */
export function recordScripted(
  processes: readonly Process[],
  endsAt: number,
  eventsOf: (process: Process) => readonly TrafficEvent[] = () => [],
): Recorded {
  const random = createRandom(1);
  const scraper = { endsAt, missProbability: 0.002, chaosUntil: 0, stops: [], outages: [] };
  const targets: readonly ScrapeTarget[] = processes.map((process) => ({
    ...{ service: 'orders', job: 'sidecars', instance: process.instance },
    samples: sampleScrapes(scrapeInstance([process], scraper, random), eventsOf, {
      idleUntil: 0,
      percentAt: () => 100,
    }),
  }));
  return { endsAt, targets, expected: [{ service: 'orders', values: readyOf(processes, endsAt) }], stops: [] };
}

function readyOf(processes: readonly Process[], endsAt: number): readonly number[] {
  const changes = new Map<number, number>();
  const change = (at: number, by: number) => {
    const step = Math.max(0, Math.ceil((at + TOLD_LATE) / STEP));
    changes.set(step, (changes.get(step) ?? 0) + by);
  };
  for (const { startedAt, servesUntil } of processes) {
    change(startedAt + 10, 1);
    if (servesUntil !== NEVER) change(servesUntil, -1);
  }
  let count = 0;
  return Array.from({ length: endsAt / STEP + 1 }, (_, step) => {
    count += changes.get(step) ?? 0;
    return count;
  });
}
