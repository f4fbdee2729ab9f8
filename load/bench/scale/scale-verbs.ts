import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { median } from '../interleave.ts';
import type { CountedQuery } from './query-counter.ts';
import type { ScaleFleet } from './scale-fleet.ts';

const CLI = join(resolve(import.meta.dirname, '../../../..'), 'packages/cli/bin/crossfade.js');
/** The runs of each command; the table has the median and the slowest. */
const RUNS = 5;
/** The confirmation reads the fleet this often; queries closer to each other are of one poll. */
const POLL_PAUSE_MS = 150;

/** What one command, or one poll, cost. */
export interface VerbCost {
  readonly what: string;
  readonly medianSeconds: number;
  readonly slowestSeconds: number;
  /** How many queries, in the median. */
  readonly queries: number;
  /** How long Prometheus took for all of them, one after another, in the median. */
  readonly queriesSeconds: number;
  readonly mostSeries: number;
  /** Of the command, at its peak. */
  readonly mb: number;
}

interface Run {
  readonly seconds: number;
  readonly queries: readonly CountedQuery[];
}

/** Runs the verbs against a fleet: the gate, what `status` and `advance` judge, and a rollback with its confirmation. */
export async function measureVerbs(fleet: ScaleFleet): Promise<readonly VerbCost[]> {
  const costs: VerbCost[] = [];
  for (const verb of [['gate'], ['status'], ['advance', '--to', '100', '--dry-run']])
    costs.push(await measureVerb(verb, fleet));
  const rollback = await runVerb(['rollback'], fleet);
  // The first queries are those of the verb itself.
  costs.push(costOf('a poll of the confirmation', pollsOf(rollback.queries), rollback.mb));
  return costs;
}

async function measureVerb(verb: readonly string[], fleet: ScaleFleet): Promise<VerbCost> {
  const runs: (Run & { readonly mb: number })[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await runVerb(verb, fleet));
  return costOf(`crossfade ${verb.join(' ')}`, runs, Math.max(...runs.map(({ mb }) => mb)));
}

const PEAK = 'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))';

async function runVerb(verb: readonly string[], { plan, counter }: ScaleFleet): Promise<Run & { readonly mb: number }> {
  counter.take();
  const startedMs = performance.now();
  const run = promisify(execFile)(process.execPath, ['--import', PEAK, CLI, ...verb, '--config', plan, '--json']);
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  const seconds = (performance.now() - startedMs) / 1000;
  if (!stdout.startsWith('{')) throw new Error(`crossfade ${verb.join(' ')} printed no JSON: ${stderr}`);
  return { seconds, queries: counter.take(), mb: Number(/peak (\d+)/.exec(stderr)?.[1] ?? 0) / 1024 };
}

/** Tells the polls apart by the pauses between them. */
function pollsOf(queries: readonly CountedQuery[]): readonly Run[] {
  const polls: CountedQuery[][] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const query of queries.toSorted((one, other) => one.startedMs - other.startedMs)) {
    if (query.startedMs - endMs > POLL_PAUSE_MS) polls.push([]);
    polls.at(-1)?.push(query);
    endMs = Math.max(endMs, query.startedMs + query.tookMs);
  }
  const whole = polls.filter((poll) => poll.some(({ query }) => query.includes('crossfade_flags_info')));
  return whole.map((poll) => {
    const beganMs = Math.min(...poll.map(({ startedMs }) => startedMs));
    const endedMs = Math.max(...poll.map(({ startedMs, tookMs }) => startedMs + tookMs));
    return { seconds: (endedMs - beganMs) / 1000, queries: poll };
  });
}

function costOf(what: string, runs: readonly Run[], mb: number): VerbCost {
  const seconds = runs.map((run) => run.seconds);
  const all = runs.flatMap(({ queries }) => queries);
  const sum = ({ queries }: Run) => queries.reduce((total, { tookMs }) => total + tookMs, 0) / 1000;
  return {
    what,
    medianSeconds: median(seconds),
    slowestSeconds: Math.max(...seconds),
    queries: median(runs.map(({ queries }) => queries.length)),
    queriesSeconds: median(runs.map(sum)),
    mostSeries: Math.max(0, ...all.map(({ series }) => series)),
    mb,
  };
}
