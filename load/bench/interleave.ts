import { mainThreadMs } from './main-thread.ts';

/** One of the implementations that a benchmark compares. */
export interface Candidate {
  readonly name: string;
  /** Runs one operation; a returned promise is awaited. */
  run(): unknown;
  /** Operations in flight; default 1. A server has more for work that waits for another thread. */
  readonly concurrency?: number;
}

interface Measurement {
  readonly wallUs: number;
  readonly mainThreadUs: number;
}

export interface Figure {
  readonly name: string;
  /** Medians over all rounds, in microseconds per operation; `mainThreadUs` is CPU time of the main thread. */
  readonly wallUs: number;
  readonly mainThreadUs: number;
  readonly rounds: readonly Measurement[];
}

export interface BenchOptions {
  readonly rounds: number;
  /** How long each candidate runs in each round. */
  readonly sliceMs: number;
}

/**
 * Runs every candidate in turn, round after round, each round beginning with the next one, so that a drift of the machine's
 * speed affects all alike; takes medians over the rounds. The first round is a warm-up and is not counted.
 */
export async function interleave(candidates: readonly Candidate[], options: BenchOptions): Promise<Figure[]> {
  const rounds = candidates.map((): Measurement[] => []);
  for (const candidate of candidates) await measure(candidate, options.sliceMs);
  for (let round = 0; round < options.rounds; round += 1) {
    for (let turn = 0; turn < candidates.length; turn += 1) {
      const index = (round + turn) % candidates.length;
      const candidate = candidates[index];
      if (candidate !== undefined) rounds[index]?.push(await measure(candidate, options.sliceMs));
    }
  }
  return candidates.map(({ name }, index) => {
    const measured = rounds[index] ?? [];
    const wallUs = median(measured.map((figure) => figure.wallUs));
    return { name, wallUs, mainThreadUs: median(measured.map((figure) => figure.mainThreadUs)), rounds: measured };
  });
}

/** Returns the median over the rounds of the main-thread time of `figure` as a multiple of that of `baseline`. */
export function timesSlower(figure: Figure, baseline: Figure): number {
  return median(
    figure.rounds.map(({ mainThreadUs }, round) => mainThreadUs / (baseline.rounds[round]?.mainThreadUs ?? Number.NaN)),
  );
}

/** Operations between two readings of the clock. */
const OPERATIONS_PER_BATCH = 64;

async function measure({ run, concurrency = 1 }: Candidate, sliceMs: number): Promise<Measurement> {
  const first = run();
  const isAsync = first instanceof Promise;
  await first;
  const startedMs = performance.now();
  const busyBeforeMs = mainThreadMs();
  let operations = 0;
  while (performance.now() - startedMs < sliceMs) {
    if (concurrency > 1) await Promise.all(Array.from({ length: concurrency }, () => repeatAsync(run, 4)));
    else if (isAsync) await repeatAsync(run, OPERATIONS_PER_BATCH);
    else repeat(run, OPERATIONS_PER_BATCH);
    operations += concurrency > 1 ? concurrency * 4 : OPERATIONS_PER_BATCH;
  }
  const mainThreadUs = ((mainThreadMs() - busyBeforeMs) * 1000) / operations;
  return { wallUs: ((performance.now() - startedMs) * 1000) / operations, mainThreadUs };
}

function repeat(run: () => unknown, times: number): void {
  for (let time = 0; time < times; time += 1) run();
}

async function repeatAsync(run: () => unknown, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await run();
}

/** Returns the middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
