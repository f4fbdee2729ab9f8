import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The results of one run of wrk. */
export interface WrkFigures {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface WrkRun {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
}

interface Summary {
  readonly requests: number;
  readonly durationUs: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const run = promisify(execFile);

/** Returns whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns a runner of wrk with one thread that sends GETs with each token in turn, and throws on any response but 2xx. On a
 * busy machine a run may end with 0 requests.
 */
export function createWrk(folder: string, tokens: readonly string[]): (run: WrkRun) => Promise<WrkFigures> {
  const script = join(folder, 'tokens.lua');
  const requests = tokens.map((token) => `  wrk.format("GET", nil, { authorization = "Bearer ${token}" }),`);
  writeFileSync(
    script,
    `local requests
local turn = 0
init = function(args) requests = {
${requests.join('\n')}
} end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
done = function(summary, latency)
  local e = summary.errors
  print(string.format('{"requests":%d,"durationUs":%d,"failed":%d,"p50Us":%d,"p99Us":%d}', summary.requests,
    summary.duration, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`,
  );
  return async ({ url, connections, seconds }) => {
    const args = ['-t', '1', '-c', `${connections}`, '-d', `${seconds}s`, '-s', script, url];
    const { stdout } = await run('wrk', args);
    const line = stdout.split('\n').find((text) => text.startsWith('{')) ?? '{}';
    const { requests: count, durationUs, failed, p50Us, p99Us } = JSON.parse(line) as Summary;
    if (failed > 0) throw new Error(`${failed} of ${count} requests to ${url} failed: expected 2xx for each`);
    return { requests: count, perSecond: (count * 1e6) / durationUs, p50Us, p99Us };
  };
}
