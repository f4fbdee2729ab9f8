import { dirname } from 'node:path';
import { type ExitCode, run } from '@crossfade/cli';

export interface CommandResult {
  readonly exitCode: ExitCode;
  readonly stdout: string;
}

/** Runs the migration, with only the CLI and the plan's path. */
export interface Operator {
  /** Runs a command and shows it with its output. */
  run(...argv: readonly string[]): Promise<CommandResult>;
  /** Runs a command without showing it. */
  query(...argv: readonly string[]): Promise<CommandResult>;
}

export interface OperatorOptions {
  readonly planPath: string;
  readonly signal: AbortSignal;
  /** Receives each line to show. */
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
      operator: 'rehearsal',
      cwd: dirname(planPath),
      signal,
    });
    return { exitCode, stdout: stdout.join(''), output: output.join('') };
  };
  return {
    query: (...argv) => execute(argv),
    async run(...argv) {
      show(`$ crossfade ${argv.join(' ')}`);
      const result = await execute(argv);
      for (const line of result.output.split('\n')) if (line.trim() !== '') show(`  ${line}`);
      return result;
    },
  };
}
