import { ConfigError, ConflictError, CrossfadeError, describeProblem } from '@crossfade/core/errors';
import { type CommandLine, namedVerb, parseCommandLine } from './command-line.ts';
import { OVERVIEW } from './help.ts';
import { errorJson, exitCodeOfError } from './verb/error-report.ts';
import { EXIT, type ExitCode } from './verb/exit-code.ts';
import type { Io } from './verb/io.ts';
import { runbookOfError } from './verb/runbook-of-error.ts';
import { readVersion } from './verb/version.ts';
import { visibleText } from './verb/visible-text.ts';

/**
 * Runs one `crossfade` command line. A failure of the command never throws and never ends the process.
 * With `--json` it always writes exactly one JSON document to `io.stdout`.
 * @param argv the arguments after the program's name, such as `['advance', '--to', '25', '--yes']`.
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const format = argv.includes('--json') ? 'json' : 'text';
  let line: CommandLine | undefined;
  try {
    line = parseCommandLine(argv);
    const { verb, options } = line;
    if (options.given('version')) return printText(io, format, 'version', readVersion());
    if (verb === undefined || options.given('help')) return printText(io, format, 'help', verb?.help ?? OVERVIEW);
    const { runVerb } = await import('./run-verb.ts');
    const result = await runVerb(verb, line, io, format);
    if (format === 'json') writeJson(io, { verb: verb.name, exitCode: result.exitCode, ...result.json });
    return result.exitCode;
  } catch (error) {
    const exitCode = exitCodeOfError(error);
    const verb = line?.verb?.name ?? namedVerb(argv);
    io.stderr.write(visibleText(describeError(error, verb)));
    // Whatever is wrong with the plan, at 3 a.m. there is another way.
    if (line?.verb?.name === 'rollback' && error instanceof ConfigError)
      io.stderr.write('Nothing was written. To roll back by hand meanwhile: crossfade runbook flag-store-down\n');
    if (format === 'json') writeJson(io, { verb: verb ?? null, exitCode, error: errorJson(error) });
    return exitCode;
  }
}

function printText(io: Io, format: 'text' | 'json', name: string, text: string): ExitCode {
  if (format === 'json') writeJson(io, { [name]: text });
  else io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return EXIT.done;
}

function writeJson(io: Io, document: Record<string, unknown>): void {
  io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

function describeError(error: unknown, verb: string | undefined): string {
  const program = verb === undefined ? 'crossfade' : `crossfade ${verb}`;
  if (error instanceof ConfigError) {
    // What the store refuses is in no line of the plan, and no --help knows it.
    if (runbookOfError(error) !== undefined)
      return `${program}: ${error.problems.map(describeProblem).join('; ')}\n${describeWayOn(error)}`;
    const problems = error.problems.map((problem) => `  ${describeProblem(problem)}\n`).join('');
    return `${program}: ${error.problems.length === 1 ? 'there is a problem' : `there are ${error.problems.length} problems`}\n${problems}See ${program} --help\n`;
  }
  if (error instanceof CrossfadeError) return `${program}: ${error.message}\n${describeWayOn(error)}`;
  return `${program}: unexpected error (${error instanceof Error ? error.name : typeof error}). This is a bug in Crossfade: please report it.\n`;
}

/** What to do next. A conflict passes: the other writer's change stands, and a second try begins from there. */
function describeWayOn(error: CrossfadeError): string {
  if (error instanceof ConflictError) return 'Look at what stands now with crossfade status, then run it again.\n';
  const runbook = runbookOfError(error);
  return runbook === undefined ? '' : `Read on: crossfade runbook ${runbook}\n`;
}
