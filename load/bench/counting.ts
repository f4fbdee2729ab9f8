import type { Judgement } from '@crossfade/core';
import { interleave } from './interleave.ts';
import { printTable } from './table.ts';

const TIMES = 64;

/** The internals of the sidecar that are measured; it does not export them. */
interface CountingParts {
  createMeter(): { count(judgement: Judgement, nowMs: number): void };
  createDurations(): { observe(outcome: Judgement['outcome'], durationSeconds: number): void };
}

/** Prints the cost of counting one judged request, in a loop: the counters and the histogram of its duration. */
export async function benchCounting(): Promise<void> {
  const meter = await part<Pick<CountingParts, 'createMeter'>>('meter');
  const durations = await part<Pick<CountingParts, 'createDurations'>>('durations');
  const [counts, times] = [meter.createMeter(), durations.createDurations()];
  const judgements = judgementsOf(['legacy', 'target', 'bridge']);
  let turn = 0;
  const next = () => {
    turn = (turn + 1) % judgements.length;
    return judgements[turn] ?? judgements[0];
  };
  const figures = await interleave(
    [
      {
        name: `counting ${TIMES} judgements`,
        run() {
          for (let time = 0; time < TIMES; time += 1) {
            const judgement = next();
            if (judgement === undefined) return;
            counts.count(judgement, 1_795_000_000_000 + time);
            times.observe(judgement.outcome, 0.000_02);
          }
        },
      },
    ],
    { rounds: 15, sliceMs: 40 },
  );
  printTable(`Counting, ${TIMES} requests at once`, figures, []);
  const perRequestUs = (figures[0]?.mainThreadUs ?? Number.NaN) / TIMES;
  process.stdout.write(`${perRequestUs.toFixed(3)} us a request\n`);
}

function part<Part>(name: string): Promise<Part> {
  return import(new URL(`meter/${name}.js`, import.meta.resolve('@crossfade/sidecar')).href) as Promise<Part>;
}

function judgementsOf(audiences: readonly ('legacy' | 'target' | 'bridge')[]): Judgement[] {
  return audiences.map((audience) => ({
    outcome: 'accepted',
    audience,
    afterClose: audience === 'legacy' ? 'rejected' : 'accepted',
    subject: 'alice',
    clientId: 'web-app',
    scope: [],
    roles: [],
    issuedAt: 1_795_000_000,
    expiresAt: 1_795_003_600,
    claims: {},
  }));
}
