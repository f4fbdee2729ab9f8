import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';

/**
 * Runs one command line of `crossfade`. Never throws for a failure of the command and never ends the process.
 * @param argv the arguments after the program's name, such as `['advance', '--to', '25', '--yes']`.
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  io.stderr.write(`crossfade: unknown verb (${argv.length} arguments)\n`);
  return EXIT.usage;
}
