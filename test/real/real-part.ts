import { execFileSync } from 'node:child_process';

const required = process.env['CROSSFADE_REQUIRE_REAL'] === '1';

/**
 * Returns whether a program that the real-parts suite runs is missing, and prints it: its tests are then skipped, or fail
 * with CROSSFADE_REQUIRE_REAL=1.
 */
export function missing(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return false;
  } catch {
    if (required) throw new Error(`${program} is missing, and CROSSFADE_REQUIRE_REAL=1: run .ci/install-real-parts`);
    process.stdout.write(`skipped: ${program} is not installed (.ci/install-real-parts installs it)\n`);
    return true;
  }
}

export interface Exit {
  readonly code: number;
  readonly output: string;
}

/** Runs a program, and returns its exit code and output instead of throwing. */
export function execute(program: string, args: readonly string[], cwd: string, env = process.env): Exit {
  try {
    return { code: 0, output: execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' }) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number | null; stdout: string; stderr: string };
    return { code: status ?? -1, output: stdout + stderr };
  }
}
