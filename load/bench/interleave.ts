import { mainThreadMs } from './main-thread.ts';

/** One way of doing the work that a benchmark compares. */
export interface Candidate {
  readonly name: string;
  /** Does the work once. Only promises are awaited. */
  run(): unknown;
  /** How many are under way at once; default 1. More is how a server calls what waits for another thread. */
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
 * Runs every candidate in turn, round after round, each round beginning with another one, so that a machine whose
 * speed drifts treats all alike; takes medians over the rounds. A first round warms up and is not counted.
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

/** How many times the main-thread time of `one` `other` takes, compared round by round; the median of it. */
export function timesSlower(other: Figure, one: Figure): number {
  return median(
    other.rounds.map(({ mainThreadUs }, round) => mainThreadUs / (one.rounds[round]?.mainThreadUs ?? Number.NaN)),
  );
}

/** Between two looks at the clock. */
const AT_ONCE = 64;

async function measure({ run, concurrency = 1 }: Candidate, sliceMs: number): Promise<Measurement> {
  const first = run();
  const isAsync = first instanceof Promise;
  await first;
  const startedMs = performance.now();
  const busyBeforeMs = mainThreadMs();
  let operations = 0;
  while (performance.now() - startedMs < sliceMs) {
    if (concurrency > 1) await Promise.all(Array.from({ length: concurrency }, () => repeatAsync(run, 4)));
    else if (isAsync) await repeatAsync(run, AT_ONCE);
    else repeat(run, AT_ONCE);
    operations += concurrency > 1 ? concurrency * 4 : AT_ONCE;
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

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
