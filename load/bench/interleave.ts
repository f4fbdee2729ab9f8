/** One way of doing the work that a benchmark compares. */
export interface Candidate {
  readonly name: string;
  /** Does the work once. */
  run(): unknown;
}

export interface Figure {
  readonly name: string;
  /** Median over all rounds, in microseconds per operation. */
  readonly wallUs: number;
  /** Median time the main thread was busy, in microseconds per operation. */
  readonly mainThreadUs: number;
  /** Median over all rounds of this candidate's wall time relative to the first one's in the same round. */
  readonly ratio: number;
}

export interface BenchOptions {
  readonly rounds: number;
  readonly operations: number;
}

/**
 * Runs every candidate in turn, round after round, so that a machine whose speed drifts treats all alike; compares
 * within a round, and takes medians over the rounds. The first round warms up and is not counted. Awaits each
 * operation before the next.
 */
export async function interleave(candidates: readonly Candidate[], options: BenchOptions): Promise<Figure[]> {
  const rounds: { wallUs: number; mainThreadUs: number }[][] = [];
  for (let round = 0; round <= options.rounds; round++) {
    const figures = [];
    for (const candidate of candidates) figures.push(await time(candidate, options.operations));
    if (round > 0) rounds.push(figures);
  }
  return candidates.map(({ name }, index) => ({
    name,
    wallUs: median(rounds.map((figures) => figures[index]?.wallUs ?? Number.NaN)),
    mainThreadUs: median(rounds.map((figures) => figures[index]?.mainThreadUs ?? Number.NaN)),
    ratio: median(rounds.map((figures) => (figures[index]?.wallUs ?? Number.NaN) / (figures[0]?.wallUs ?? Number.NaN))),
  }));
}

async function time({ run }: Candidate, operations: number): Promise<{ wallUs: number; mainThreadUs: number }> {
  const busyBefore = performance.eventLoopUtilization();
  const start = process.hrtime.bigint();
  for (let operation = 0; operation < operations; operation++) await run();
  const wallUs = Number(process.hrtime.bigint() - start) / 1000 / operations;
  const { utilization } = performance.eventLoopUtilization(busyBefore);
  return { wallUs, mainThreadUs: wallUs * utilization };
}

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
