import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
  readonly durationMs: number;
}

const PROGRAM = fileURLToPath(new URL('../bin/crossfade.js', import.meta.resolve('@crossfade/cli')));
const TIMEOUT_MS = 100_000;

/** Runs the CLI in a process of its own, with the plan and nothing else. */
export function runCrossfade(planPath: string, ...argv: readonly string[]): Promise<CommandResult> {
  const startedAtMs = performance.now();
  const env = { PATH: process.env['PATH'], CROSSFADE_OPERATOR: 'load' };
  return new Promise((resolve) => {
    const args = [PROGRAM, ...argv, '--config', planPath];
    execFile(process.execPath, args, { env, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, output: stdout + stderr, durationMs: performance.now() - startedAtMs });
    });
  });
}
