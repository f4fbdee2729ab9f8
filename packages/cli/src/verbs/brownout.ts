import {
  activeBrownout,
  type Brownout,
  ConfigError,
  formatDuration,
  formatInstant,
  type MigrationPlan,
  type Problem,
  parseDurationMs,
} from '@crossfade/core';
import { readStoredPosition, type StoredPosition } from '../flag-store/flag-position.ts';
import { openFlagStore } from '../flag-store/open-flag-store.ts';
import { pollIntervalMs } from '../fleet/fleet-evidence.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { MAX_BROWNOUT_RUN_MS } from '../fleet/running-brownout.ts';
import type { BrownoutFactsJson } from '../json/moves-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { printBrownoutClients, readBrownoutClients } from '../move/brownout-clients.ts';
import { type ChangeTools, changeJson, exitCodeOf, outcomeOf, printConfirmation, writeChange } from '../move/change.ts';
import { printDryRun } from '../move/dry-run.ts';
import { moveNote } from '../move/move-note.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

const MAX_PERCENT = 25;

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'brownout'>>> {
  const isStop = invocation.options.given('stop');
  checkOptions(invocation);
  const note = moveNote(invocation, 'brownout');
  const plan = await invocation.plan();
  const asked = isStop ? undefined : readAsked(invocation, plan);
  const writer = await openFlagStore(plan, invocation.now);
  const position = await readStoredPosition(writer);
  const tools = { plan, writer, fleet: openFleet(plan, invocation), invocation };
  if (asked === undefined) return end(tools, position, note);
  return begin(tools, position, asked, note);
}

/** Without `--stop`: the share, and for how long. */
interface Asked {
  readonly percent: number;
  readonly forMs: number;
}

type Note = ReturnType<typeof moveNote>;

async function begin(
  tools: ChangeTools,
  position: StoredPosition,
  asked: Asked,
  note: Note,
): Promise<VerbResult<VerbJson<'brownout'>>> {
  const { plan, invocation } = tools;
  const { report, now, options } = invocation;
  const { percent, forMs } = asked;
  const running = activeBrownout(position.document.brownout, now());
  report.print(report.style('bold', `${plan.migration}: brownout`));
  const refusal = refusalOf(position);
  if (refusal !== undefined) {
    report.field('refused', refusal, 'red');
    report.print('Read on: crossfade runbook brownout');
    return { exitCode: EXIT.refused, json: { ...factsOf(plan, running), outcome: 'refused', refusal } };
  }
  report.field('brownout', `${percent}% of clients get 401 for their legacy tokens (${describeRunning(running)})`);
  report.field('for', formatDuration(forMs));
  const clients = await readBrownoutClients(plan, percent, invocation);
  printBrownoutClients(report, clients);
  const facts = { ...factsOf(plan, running), percent, clients: clients ?? null };
  if (options.given('dry-run')) {
    const change = { brownout: { percent, untilMs: now() + forMs } };
    return { exitCode: EXIT.done, json: { ...facts, ...printDryRun(report, position, change, now()) } };
  }
  if (!options.given('yes')) {
    const reply = await report.ask('Go ahead? [y/N]');
    if (!/^y(es)?$/i.test(reply?.trim() ?? '')) {
      report.warn('not confirmed: nothing was changed');
      return { exitCode: EXIT.refused, json: { ...facts, outcome: 'declined' } };
    }
  }
  // The question may have stood for a while.
  const untilMs = now() + forMs;
  const change = { brownout: { percent, untilMs } };
  const written = await writeChange(tools, position, change, { urgency: 'planned', note });
  report.field('until', `${formatInstant(untilMs)}; sooner: crossfade brownout --stop`);
  printConfirmation(report, written);
  const json = { ...facts, until: formatInstant(untilMs), outcome: outcomeOf(written), ...changeJson(plan, written) };
  return { exitCode: exitCodeOf(written), json };
}

async function end(
  tools: ChangeTools,
  position: StoredPosition,
  note: Note,
): Promise<VerbResult<VerbJson<'brownout'>>> {
  const { plan, invocation } = tools;
  const { report, now, options } = invocation;
  const running = pendingBrownout(position, now());
  const facts = factsOf(plan, running);
  report.print(report.style('bold', `${plan.migration}: end of the brownout`));
  if (running === null) {
    report.print('No brownout is under way: nothing to do.');
    return { exitCode: EXIT.done, json: { ...facts, outcome: 'unchanged' } };
  }
  report.field('brownout', `legacy tokens of all clients get in again (${describeRunning(running)})`);
  const change = { brownout: null };
  if (options.given('dry-run'))
    return { exitCode: EXIT.done, json: { ...facts, ...printDryRun(report, position, change, now()) } };
  const written = await writeChange(tools, position, change, { urgency: 'emergency', note });
  printConfirmation(report, written);
  return {
    exitCode: exitCodeOf(written),
    json: { ...facts, outcome: outcomeOf(written), ...changeJson(plan, written) },
  };
}

/** One that runs, or one whose end is so far ahead that readers ignore it: they obey it a day before. */
function pendingBrownout({ document: { brownout } }: StoredPosition, nowMs: number): Brownout | null {
  return brownout !== null && brownout.untilMs > nowMs ? brownout : null;
}

/** Why no brownout can help by the flags as they are. */
function refusalOf({ document: { acceptance, issuance } }: StoredPosition): string | undefined {
  if (acceptance === 'target') return 'the legacy audience is closed: no legacy token gets in anyway';
  if (issuance.percent >= 100) return undefined;
  return `${issuance.percent}% of logins ask for target: a client that is refused and logs in again would get another legacy token. Advance to 100% first`;
}

function describeRunning(running: Brownout | null): string {
  return running === null ? 'now none' : `now ${running.percent}% until ${formatInstant(running.untilMs)}`;
}

function factsOf({ migration }: MigrationPlan, running: Brownout | null): BrownoutFactsJson {
  const before = running && { percent: running.percent, until: formatInstant(running.untilMs) };
  return { migration, before };
}

function readAsked({ options }: Invocation, plan: MigrationPlan): Asked {
  const problems: Problem[] = [];
  const [percentText = '', forText = ''] = [options.text('percent'), options.text('for')];
  const percent = /^\d{1,2}(\.\d{1,2})?$/.test(percentText) ? Number(percentText) : 0;
  if (percent <= 0 || percent > MAX_PERCENT) {
    const message = `must be a share of clients above 0 and up to ${MAX_PERCENT}, such as 2; a larger one is a close, and no search`;
    problems.push({ path: '--percent', message });
  }
  const forMs = parseDurationMs(forText) ?? 0;
  const leastMs = 2 * pollIntervalMs(plan);
  if (forMs < leastMs || forMs > MAX_BROWNOUT_RUN_MS) {
    const message = `must be a duration from ${formatDuration(leastMs)} (two poll intervals of the flags) to ${formatDuration(MAX_BROWNOUT_RUN_MS)}, such as 10m`;
    problems.push({ path: '--for', message });
  }
  if (problems.length > 0) throw new ConfigError('brownout', problems);
  return { percent, forMs };
}

function checkOptions({ options, report }: Invocation): void {
  const isStop = options.given('stop');
  if (isStop && (options.given('percent') || options.given('for')))
    throw new ConfigError('brownout', [{ path: '--stop', message: 'takes neither --percent nor --for' }]);
  if (isStop || options.given('yes') || options.given('dry-run') || report.isTerminal) return;
  const message = 'is required without a terminal, because brownout asks before it writes';
  throw new ConfigError('brownout', [{ path: '--yes', message }]);
}
