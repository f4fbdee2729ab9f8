import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface VegetaRun {
  readonly url: string;
  /** Requests a second, at equal intervals, however long the responses take. */
  readonly rate: number;
  readonly connections: number;
  readonly seconds: number;
}

/** One request of an attack: a row of `vegeta encode --to csv`. */
export interface Hit {
  /** From 0, in the order in which requests were due. */
  readonly sequence: number;
  readonly sentMs: number;
  readonly status: number;
  readonly tookMs: number;
}

const run = promisify(execFile);
const ATTACK = 'vegeta attack "$@" | vegeta encode --to csv';
/** The schedule begins with the most punctual of so many first requests. */
const FIRST = 100;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * Returns a runner of vegeta that sends GETs with each token in turn, and throws on any response but 2xx. It resolves to the
 * latency of each request in microseconds, in ascending order.
 */
export function createVegeta(folder: string, tokens: readonly string[]): (run: VegetaRun) => Promise<number[]> {
  return async ({ url, rate, connections, seconds }) => {
    const targets = join(folder, 'targets.txt');
    writeFileSync(targets, tokens.map((token) => `GET ${url}/\nAuthorization: Bearer ${token}\n`).join('\n'));
    const args = ['-targets', targets, '-rate', `${rate}/s`, '-duration', `${seconds}s`, '-max-body', '0'];
    // The workers are unlimited: a request that finds no free connection waits, and its waiting counts.
    const limits = ['-connections', `${connections}`, '-max-connections', `${connections}`];
    const { stdout } = await run('sh', ['-c', ATTACK, 'vegeta', ...args, ...limits], { maxBuffer: MAX_OUTPUT_BYTES });
    const hits = stdout.trimEnd().split('\n').map(readHit);
    const failed = hits.filter(({ status }) => status < 200 || status > 299).length;
    if (failed > 0) {
      throw new Error(`${failed} of ${hits.length} requests to ${url} failed: expected 2xx for each`);
    }
    return latenciesUs(hits, rate);
  };
}

function readHit(line: string): Hit {
  const [sentNs = '', status = '', tookNs = '', , , , , , sequence = ''] = line.split(',');
  // A double holds the milliseconds of an epoch to a fraction of a microsecond.
  return {
    sequence: Number(sequence),
    sentMs: Number(sentNs) / 1e6,
    status: Number(status),
    tookMs: Number(tookNs) / 1e6,
  };
}

/**
 * The time from the moment when each request was due, not from when it was sent: a client that falls behind, because the
 * server or the machine is busy, must not leave its own waiting out ("coordinated omission").
 * @returns microseconds, in ascending order.
 */
export function latenciesUs(hits: readonly Hit[], rate: number): number[] {
  const dueMs = (sequence: number) => (sequence * 1000) / rate;
  const startMs = Math.min(...hits.slice(0, FIRST).map(({ sentMs, sequence }) => sentMs - dueMs(sequence)));
  return hits
    .map(({ sequence, sentMs, tookMs }) => (tookMs + Math.max(0, sentMs - startMs - dueMs(sequence))) * 1000)
    .toSorted((one, other) => one - other);
}

/** @param sorted in ascending order. @param share 0.99 for the value that 99 % do not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
