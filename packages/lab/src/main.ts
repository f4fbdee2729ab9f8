import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { ConfigError, describeProblem } from '@crossfade/core';
import { COLOURFUL, PLAIN } from './ledger/paint.ts';
import { HELP, LARGEST_SEED, type LabOptions, parseOptions } from './options.ts';
import { drawPicture } from './output/chart.ts';
import { keptThePromise } from './output/report.ts';
import { drawTable } from './output/table.ts';
import { createView, type View } from './output/view.ts';
import { type Ending, rehearse } from './rehearse.ts';

const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const REPORT_FILE = 'rehearsal.json';

const colour = process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb' ? 'colour' : 'plain';
const paint = colour === 'colour' ? COLOURFUL : PLAIN;

// The AWS SDK says on Node 20 that its releases of 2027 will not run there. The README says so too, once.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = parseOptions(argv, () => randomInt(LARGEST_SEED));
    if (command.command === 'rehearse') return await play(command);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`crossfade-lab: ${describeProblem(problem)}\n`);
    process.stderr.write('Try: crossfade-lab --help\n');
    return 2;
  }
}

async function play(options: LabOptions): Promise<number> {
  const view = createView({ screen: process.stdout, colour, now: Date.now });
  const stop = new AbortController();
  // Every command of the operator listens to it, and there are dozens.
  setMaxListeners(0, stop.signal);
  let exitCode: number | undefined;
  for (const [signal, code] of Object.entries(SIGNAL_EXIT_CODES)) {
    process.on(signal, () => {
      // The second one is impatient: the children are killed on exit.
      if (stop.signal.aborted) process.exit(code);
      // In --hold the signal is the normal end, and the rehearsal has its exit code already.
      exitCode ??= code;
      view.say('Taking everything down.');
      stop.abort();
    });
  }
  view.say(
    `crossfade rehearsal: seed ${options.seed}, ${options.clients} clients, ${options.fast ? 'fast' : 'usual'} tempo`,
  );
  try {
    await rehearse({
      ...options,
      view,
      now: Date.now,
      signal: stop.signal,
      async onEnd(ending) {
        if (!stop.signal.aborted) exitCode = await conclude(ending, options, view);
        if (options.hold && !stop.signal.aborted) await hold(ending, view, stop.signal);
      },
    });
  } catch (error) {
    view.end();
    process.stderr.write(`crossfade-lab: ${describe(error)}\n`);
  }
  return exitCode ?? 1;
}

async function conclude(
  { rehearsal, lab, film, failure }: Ending,
  { picture }: LabOptions,
  view: View,
): Promise<number> {
  await writeFile(REPORT_FILE, `${JSON.stringify(rehearsal, null, 2)}\n`);
  view.say('');
  for (const line of drawTable(rehearsal, paint)) view.say(line);
  for (const { complaint, count } of lab.ledger.complaints()) view.say(paint('red', `  ${count} x ${complaint}`));
  if (failure !== undefined) view.say(paint('red', `The script could not be played to its end: ${describe(failure)}`));
  view.say(`Written to ${REPORT_FILE}.`);
  if (picture !== undefined) await writeFile(picture, drawPicture(rehearsal, film));
  return failure === undefined && keptThePromise(rehearsal) ? 0 : 1;
}

/** Stays up, traffic and all, until somebody ends it. */
async function hold({ lab }: Ending, view: View, signal: AbortSignal): Promise<void> {
  const cli = (verb: string) => `  npx crossfade ${verb} --config ${lab.planPath}`;
  view.say('\nEverything stays up, until Ctrl-C. In another terminal, from this folder:');
  for (const verb of ['status', 'gate', 'reopen', 'rollback', 'advance --to 25', 'doctor']) view.say(cli(verb));
  await new Promise<void>((resolve) => {
    // The timer keeps the process up; the servers alone would too, but nobody should have to know.
    const timer = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      resolve();
    });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'failed for no known reason';
}
