import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadOptions } from './load-options.ts';
import type { K6Summary } from './summary/k6-summary.ts';

/** The TypeScript files, which k6 runs itself; this module runs from `load/k6`, or from `load/dist/k6` once built. */
const SCRIPTS = new URL(import.meta.url.endsWith('.ts') ? './scenarios/' : '../../k6/scenarios/', import.meta.url);

/** The names of what k6 writes to the folder of the summaries. */
export const K6_FILES = { counted: 'k6.json', report: 'report.html' } as const;

export interface K6Run {
  /** 0; 99 when a threshold was crossed; -1 when k6 is not installed. */
  readonly code: number;
  /** What k6 counted; absent when it did not run to its end. */
  readonly counted?: K6Summary;
}

/** Runs the scenario's script with the given environment, and only PATH and HOME of this process. */
export async function runK6(
  { scenario, out, seconds }: LoadOptions,
  environment: Readonly<Record<string, string>>,
): Promise<K6Run> {
  const script = fileURLToPath(new URL(`${scenario}.ts`, SCRIPTS));
  const code = await exitCodeOf(['run', '--quiet', '--no-usage-report', '--no-color', script], {
    ...environment,
    // k6's own HTML report, without the server of its dashboard.
    K6_WEB_DASHBOARD: 'true',
    K6_WEB_DASHBOARD_PORT: '-1',
    K6_WEB_DASHBOARD_PERIOD: seconds < 300 ? '1s' : '10s',
    K6_WEB_DASHBOARD_EXPORT: join(out, K6_FILES.report),
  });
  const counted = join(out, K6_FILES.counted);
  return { code, ...(existsSync(counted) && { counted: JSON.parse(readFileSync(counted, 'utf8')) as K6Summary }) };
}

function exitCodeOf(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('k6', args, {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(-1);
      else reject(error);
    });
    child.on('close', (code) => {
      process.off('exit', kill);
      resolve(code ?? 1);
    });
  });
}
