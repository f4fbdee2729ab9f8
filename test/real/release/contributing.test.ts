import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const SECONDS = { s: 1, min: 60, h: 3600 } as const;

interface Command {
  readonly command: string;
  readonly boundSeconds: number;
}

/** Commands for CI itself, an hour of waiting, or an idle machine, and `clean`, which would delete the build of this run. */
const ELSEWHERE = /^npm (test|run (test:real|test:long|bench|clean))\b/;

/** Reads the commands with a time limit from the table. */
function commands(): Command[] {
  const text = readFileSync(resolve(root, 'CONTRIBUTING.md'), 'utf8');
  return [...text.matchAll(/^\| `(npm [^`]+)` \|[^|]*\| (\d+) (s|min|h) \|$/gm)].map(
    ([, command = '', amount, unit]) => ({
      command,
      boundSeconds: Number(amount) * SECONDS[unit as keyof typeof SECONDS],
    }),
  );
}

/** Runs a command, and returns its output if it failed, otherwise an empty string. */
async function failureOf(command: string): Promise<string> {
  try {
    await promisify(execFile)('bash', ['-c', command], { cwd: root, maxBuffer: 16_777_216 });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}\n${stderr}`;
  }
}

describe('the commands of CONTRIBUTING.md', () => {
  it('are found, with those that run elsewhere', () => {
    expect(commands().length).toBeGreaterThan(8);
    expect(commands().filter(({ command }) => ELSEWHERE.test(command)).length).toBe(5);
  });

  it.each(commands().filter(({ command }) => !ELSEWHERE.test(command)))(
    '$command finishes within $boundSeconds s',
    async ({ command, boundSeconds }) => {
      const startedMs = performance.now();
      expect(await failureOf(command)).toBe('');
      const seconds = (performance.now() - startedMs) / 1000;
      process.stdout.write(`contributing: ${command} took ${seconds.toFixed(1)} s of ${boundSeconds} s\n`);
      expect(seconds).toBeLessThan(boundSeconds);
    },
  );
});
