import { ConfigError, type CrossfadeError, describeProblem } from '@crossfade/core';
import type { StoreView } from '../flag-store/store-view.ts';
import { brownoutJson, type RunningBrownout } from '../fleet/running-brownout.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { errorJson, exitCodeOfError } from '../verb/error-report.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import { printRunningBrownout } from './brownout-report.ts';
import { type PlanStatus, statusJson } from './plan-status.ts';
import { printStoreBriefly, storeJson } from './store-report.ts';

/** One of several plans: its status, or why there is none. */
export type PlanReading = { readonly config: string } & (
  | { readonly status: PlanStatus; readonly store: StoreView; readonly brownout: RunningBrownout | null }
  | { readonly error: CrossfadeError }
);

/** Prints several plans, one below the other in columns, each with its reason and what comes next. */
export function printPlans(report: Report, readings: readonly PlanReading[]): void {
  const width = Math.max(...readings.map((reading) => nameOf(reading).length));
  for (const reading of readings) {
    const name = report.style('bold', nameOf(reading).padEnd(width));
    if ('error' in reading) printProblem(report, name, reading.error);
    else printStatus(report, name, reading);
  }
  for (const [migration, configs] of sharedNames(readings))
    report.warn(`${migration} is the migration of ${configs.join(' and ')}: give each plan a name of its own`);
}

function printStatus(
  report: Report,
  name: string,
  { status, store, brownout }: Exclude<PlanReading, { error: unknown }>,
): void {
  const { document, situation, snapshot, state } = status;
  const { fleet, nowMs } = situation;
  const meters = `${fleet.responding} of ${fleet.expected ?? 'an unknown number of'} meters`;
  const position = `${document.issuance.percent}% target`.padEnd(13);
  report.print(`${name}  ${state.phase.padEnd(8)}  ${position}  accepts ${document.acceptance.padEnd(6)}  ${meters}`);
  report.field('reason', state.reason);
  printRunningBrownout(report, brownout, nowMs);
  printStoreBriefly(report, store, snapshot, nowMs);
  report.field('drain', state.drainEta);
  report.field('next', state.next);
}

function printProblem(report: Report, name: string, error: CrossfadeError): void {
  const problems = error instanceof ConfigError ? error.problems : [];
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  report.print(`${name}  ${report.style('red', problems.length === 0 ? error.message : count)}`);
  for (const problem of problems) report.field('', describeProblem(problem));
}

function nameOf(reading: PlanReading): string {
  return 'error' in reading ? reading.config : reading.status.plan.migration;
}

/** Migrations that several plans name: their meters and their buckets would be the same. */
function sharedNames(readings: readonly PlanReading[]): readonly (readonly [string, readonly string[]])[] {
  const names = new Map<string, string[]>();
  for (const reading of readings) {
    if ('error' in reading) continue;
    names.set(reading.status.plan.migration, [...(names.get(reading.status.plan.migration) ?? []), reading.config]);
  }
  return [...names].filter(([, configs]) => configs.length > 1);
}

/** Returns several plans as `--json` prints them. */
export function plansJson(readings: readonly PlanReading[]): VerbJson<'status'> {
  return {
    plans: readings.map((reading) =>
      'error' in reading
        ? { config: reading.config, error: errorJson(reading.error) }
        : {
            config: reading.config,
            ...statusJson(reading.status),
            brownout: brownoutJson(reading.brownout),
            ...storeJson(reading.store, reading.status.snapshot),
          },
    ),
  };
}

/** A wrong plan comes before a store that cannot be reached, because it stays wrong; that before a fleet that does not respond. */
export function plansExitCode(readings: readonly PlanReading[]): ExitCode {
  const codes = readings.flatMap((reading) => ('error' in reading ? [exitCodeOfError(reading.error)] : []));
  const isBlind = readings.some((reading) => !('error' in reading) && reading.status.state.isBlind);
  return [EXIT.usage, ...codes].find((code) => codes.includes(code)) ?? (isBlind ? EXIT.inconclusive : EXIT.done);
}
