import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, describeProblem } from '@crossfade/core';
import { SHOW_TARGET_EVERY_MS, showTarget } from './environment/show-target.ts';
import { succeeded } from './ledger/report.ts';
import { HELP, LARGEST_SEED, type LabOptions, parseOptions } from './options.ts';
import { drawChart } from './output/chart.ts';
import { COLOURFUL, PLAIN } from './output/paint.ts';
import { drawTable } from './output/table.ts';
import { createView, type View } from './output/view.ts';
import { type Ending, rehearse } from './rehearse.ts';

const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** What to try after the close, in an order in which each command works. */
const TO_TRY = ['status', 'gate', 'history', 'reopen', 'rollback', 'advance --to 25', 'doctor', 'runbook'];
const REPORT_FILE = 'rehearsal.json';
/** Named by its path: where no `crossfade` is installed, npx would fetch the package of that name, which is not ours. */
const CLI = fileURLToPath(new URL('../bin/crossfade.js', import.meta.resolve('@crossfade/cli')));

const colour = process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb' ? 'colour' : 'plain';
const paint = colour === 'colour' ? COLOURFUL : PLAIN;

// On Node 20 the AWS SDK warns that its releases of 2027 will not run there. The README says so too.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = parseOptions(argv, () => randomInt(LARGEST_SEED));
    if (command.command === 'rehearse') return await runRehearsal(command);
    process.stdout.write(command.command === 'version' ? `${readVersion()}\n` : HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`crossfade-lab: ${describeProblem(problem)}\n`);
    process.stderr.write('Try: crossfade-lab --help\n');
    return 2;
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

async function runRehearsal(options: LabOptions): Promise<number> {
  const view = createView({ screen: process.stdout, colour, now: Date.now });
  const stop = new AbortController();
  // Each of the operator's dozens of commands adds a listener.
  setMaxListeners(0, stop.signal);
  let exitCode: number | undefined;
  for (const [signal, code] of Object.entries(SIGNAL_EXIT_CODES)) {
    process.on(signal, () => {
      // The second signal exits at once: the children are killed on exit.
      if (stop.signal.aborted) process.exit(code);
      // With --hold the signal is the normal end, and the rehearsal has its exit code already.
      exitCode ??= code;
      view.print('Stopping everything.');
      stop.abort();
    });
  }
  view.print(
    `crossfade rehearsal: seed ${options.seed}, ${options.clients} clients, ${options.fast ? 'fast' : 'standard'} timing`,
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
  { rehearsal, lab, moments, error }: Ending,
  { picture }: LabOptions,
  view: View,
): Promise<number> {
  await writeFile(REPORT_FILE, `${JSON.stringify(rehearsal, null, 2)}\n`);
  view.print('');
  for (const line of drawTable(rehearsal, paint)) view.print(line);
  for (const { failure, count } of lab.ledger.failures()) view.print(paint('red', `  ${count} x ${failure}`));
  if (error !== undefined) view.print(paint('red', `The script stopped early: ${describe(error)}`));
  view.print(`Wrote ${REPORT_FILE}.`);
  if (picture !== undefined) await writeFile(picture, drawChart(rehearsal, moments));
  return error === undefined && succeeded(rehearsal) ? 0 : 1;
}

/** Keeps everything running, traffic included, until a signal stops it. */
async function hold({ lab }: Ending, view: View, signal: AbortSignal): Promise<void> {
  view.print('\nEverything stays up until Ctrl-C. In another terminal:');
  view.print(`  cd ${dirname(lab.planPath)} && alias crossfade='node ${CLI}'`);
  for (const verb of TO_TRY) view.print(`  crossfade ${verb}`);
  await new Promise<void>((resolve) => {
    // Keeps the process alive, and lets every step be tried: after a rollback no client brings target tokens any more.
    const timer = setInterval(() => void showTarget(lab), SHOW_TARGET_EVERY_MS);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      resolve();
    });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
