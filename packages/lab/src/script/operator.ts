import { dirname } from 'node:path';
import { type ExitCode, run } from '@crossfade/cli';

export interface CommandResult {
  readonly exitCode: ExitCode;
  readonly stdout: string;
}

/** Who runs the migration: knows the CLI and the plan's path, and nothing else. */
export interface Operator {
  /** Runs a command for all to see. */
  run(...argv: readonly string[]): Promise<CommandResult>;
  /** Runs a command that nobody needs to see. */
  ask(...argv: readonly string[]): Promise<CommandResult>;
}

export interface OperatorOptions {
  readonly planPath: string;
  readonly signal: AbortSignal;
  /** Takes each line that is to be seen. */
  readonly show: (line: string) => void;
}

export function createOperator({ planPath, signal, show }: OperatorOptions): Operator {
  const execute = async (argv: readonly string[]): Promise<CommandResult & { readonly output: string }> => {
    const stdout: string[] = [];
    const output: string[] = [];
    const exitCode = await run([...argv, '--config', planPath], {
      stdout: { write: (text) => stdout.push(text) + output.push(text) },
      stderr: { write: (text) => output.push(text) },
      env: {},
      cwd: dirname(planPath),
      signal,
    });
    return { exitCode, stdout: stdout.join(''), output: output.join('') };
  };
  return {
    ask: (...argv) => execute(argv),
    async run(...argv) {
      show(`$ crossfade ${argv.join(' ')}`);
      const result = await execute(argv);
      for (const line of result.output.split('\n')) if (line.trim() !== '') show(`  ${line}`);
      return result;
    },
  };
}
