import { appendFileSync, writeFileSync } from 'node:fs';
import { residentMb } from '../../bench/cpu-time.ts';

export interface WatchedProcess {
  readonly name: string;
  pid(): number | undefined;
}

/** One process over the run, in MB of resident memory. */
export interface MemoryGrowth {
  readonly name: string;
  readonly samples: number;
  /** Median of the second quarter of the run: the first one warms up. */
  readonly earlyMb: number;
  /** Median of the last quarter. */
  readonly lateMb: number;
  readonly maxMb: number;
  /** Whether it grew by 15 % or 15 MB, whichever is more, at most. */
  readonly isBounded: boolean;
}

export interface MemoryWatch {
  end(): readonly MemoryGrowth[];
}

const SAMPLES_PER_RUN = 180;
const SHORTEST_INTERVAL_MS = 1000;
const GROWTH = { share: 0.15, megabytes: 15 } as const;

/** Samples resident memory as the kernel counts it, and writes each sample to a CSV file. */
export function watchMemory(processes: readonly WatchedProcess[], seconds: number, path: string): MemoryWatch {
  const columns = processes.map(({ name }) => ({ name, values: [] as number[] }));
  const startedAtMs = performance.now();
  writeFileSync(path, `${['seconds', ...processes.map(({ name }) => `${name}_mb`)].join(',')}\n`);
  const sample = (): void => {
    const row = processes.map((process, index) => {
      const megabytes = memoryOf(process);
      if (megabytes !== undefined) columns[index]?.values.push(megabytes);
      return megabytes?.toFixed(1) ?? '';
    });
    appendFileSync(path, `${[Math.round((performance.now() - startedAtMs) / 1000), ...row].join(',')}\n`);
  };
  sample();
  const timer = setInterval(sample, Math.max(SHORTEST_INTERVAL_MS, (seconds * 1000) / SAMPLES_PER_RUN));
  return {
    end() {
      clearInterval(timer);
      return columns.map(({ name, values }) => growthOf(name, values));
    },
  };
}

/** A process that has just ended has no memory. */
function memoryOf({ pid }: WatchedProcess): number | undefined {
  try {
    const id = pid();
    return id === undefined ? undefined : residentMb(id);
  } catch {
    return undefined;
  }
}

/** Compares the end of a run with its second quarter. Too few samples are never bounded. */
export function growthOf(name: string, values: readonly number[]): MemoryGrowth {
  const quarter = Math.floor(values.length / 4);
  const earlyMb = median(values.slice(quarter, 2 * quarter));
  const lateMb = median(values.slice(values.length - quarter));
  const allowed = Math.max(earlyMb * GROWTH.share, GROWTH.megabytes);
  return {
    name,
    samples: values.length,
    earlyMb: round(earlyMb),
    lateMb: round(lateMb),
    maxMb: round(Math.max(0, ...values)),
    isBounded: quarter > 0 && lateMb - earlyMb <= allowed,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const round = (megabytes: number): number => Math.round(megabytes * 10) / 10;
