import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The TypeScript file, which k6 runs itself; this module runs from `load/k6`, or from `load/dist/k6` once built. */
const SCRIPT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './orders.ts' : '../../k6/orders.ts', import.meta.url),
);

export interface K6Result {
  /** 0; 99 when a threshold was crossed; -1 when k6 is not installed. */
  readonly code: number;
  /** The output of `handleSummary`. */
  readonly output: string;
}

/** Runs the k6 script with the given environment, and only PATH and HOME of this process. */
export function runK6(environment: Readonly<Record<string, string>>): Promise<K6Result> {
  return new Promise((resolve, reject) => {
    const child = spawn('k6', ['run', '--quiet', '--no-usage-report', SCRIPT], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        resolve({ code: -1, output: 'k6 is not installed: .ci/install-real-parts installs it' });
      else reject(error);
    });
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}
