import { setTimeout as delay } from 'node:timers/promises';
import {
  ConfigError,
  describeMoment,
  type FlagDocument,
  formatInstant,
  type MigrationPlan,
  UnavailableError,
} from '@crossfade/core';
import { readFlagDocument, wasReopened } from '../flag-store/flag-position.ts';
import { EMPTY_FLEET, type Fleet, type FleetSnapshot } from '../fleet/fleet.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { disagreementsJson, drainJson, printDisagreements, printDrain } from '../output/decision-report.ts';
import { meterJson, printMeters } from '../output/meter-report.ts';
import { situationOf } from '../output/situation.ts';
import { type MigrationState, stateOf } from '../output/state.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbDefinition, VerbResult } from '../verb/verb.ts';

const HELP = `crossfade status [--watch] [--config crossfade.yaml] [--json]

Shows the phase of the migration, why, what comes next, and when the drain can end. Changes nothing.

  --watch   repeat every two seconds, on a terminal, until interrupted

Exit codes: 0 the state is known, 3 the flag store cannot be reached.

  crossfade status
  crossfade status --json | jq -r .phase
`;

const WATCH_EVERY_MS = 2000;

export const status: VerbDefinition = {
  name: 'status',
  summary: 'show the phase of the migration and why',
  help: HELP,
  options: { watch: 'boolean' },
  async run(invocation) {
    const { options, report } = invocation;
    if (options.given('watch') && (!report.isTerminal || options.given('json'))) {
      throw new ConfigError('status', [
        { path: '--watch', message: 'needs a terminal and cannot be used with --json' },
      ]);
    }
    const plan = await invocation.plan();
    const fleet = openFleet(plan, invocation.signal);
    return options.given('watch') ? watch(plan, fleet, invocation) : showOnce(plan, fleet, invocation);
  },
};

async function watch(plan: MigrationPlan, fleet: Fleet | undefined, invocation: Invocation): Promise<VerbResult> {
  const { report, signal } = invocation;
  while (!signal.aborted) {
    report.clearScreen();
    await showOnce(plan, fleet, invocation).catch((error: unknown) => {
      if (!(error instanceof UnavailableError)) throw error;
      report.print(report.style('red', error.message));
    });
    await delay(WATCH_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return { exitCode: EXIT.done, json: {} };
}

async function showOnce(
  plan: MigrationPlan,
  fleet: Fleet | undefined,
  { report, now }: Invocation,
): Promise<VerbResult> {
  const snapshot = await readFleetOrWarn(fleet, report, now());
  let document: FlagDocument;
  try {
    document = await readFlagDocument(plan, now);
  } catch (error) {
    printMeters(report, snapshot, now());
    throw error;
  }
  const nowMs = now();
  const situation = situationOf(document, snapshot, plan, nowMs);
  const state = stateOf(document, snapshot, situation, plan, nowMs);
  printState(report, plan, document, state, nowMs);
  printMeters(report, snapshot, nowMs);
  if (state.phase === 'drain') printDrain(report, situation.drain, nowMs);
  else {
    printDisagreements(report, situation.drain);
    report.field('drain', state.drainEta);
  }
  report.field('next', state.next);
  return { exitCode: EXIT.done, json: stateJson(plan, document, snapshot, situation, state) };
}

/** Reads the fleet. If it cannot be reached, the status shows the flags alone. */
async function readFleetOrWarn(fleet: Fleet | undefined, report: Report, nowMs: number): Promise<FleetSnapshot> {
  if (fleet === undefined) return EMPTY_FLEET;
  try {
    return await fleet.read(nowMs);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    report.warn(`The meters cannot be read: ${error.message}`);
    return EMPTY_FLEET;
  }
}

function printState(
  report: Report,
  plan: MigrationPlan,
  document: FlagDocument,
  state: MigrationState,
  nowMs: number,
): void {
  const { issuance, acceptance, acceptanceSinceMs } = document;
  const since = (ms: number | null) => (ms === null ? '' : `, since ${describeMoment(ms, nowMs)}`);
  report.print(report.style('bold', `${plan.migration}: ${state.phase}`));
  report.field('reason', state.reason);
  report.field('issuance', `${issuance.percent}% target${since(issuance.sinceMs)}`);
  report.field('acceptance', `${acceptance}${since(acceptanceSinceMs)}`);
  report.field('flags', `${plan.flags.source}, revision ${issuance.revision ?? 'unknown'}`);
}

function stateJson(
  plan: MigrationPlan,
  document: FlagDocument,
  snapshot: FleetSnapshot,
  { fleet, drain }: ReturnType<typeof situationOf>,
  { phase, reason, next, drainEta }: MigrationState,
): Record<string, unknown> {
  const { enabled, percent, revision, sinceMs } = document.issuance;
  return {
    migration: plan.migration,
    phase,
    reason,
    next,
    issuance: { enabled, percent, revision, since: formatInstant(sinceMs) },
    acceptance: document.acceptance,
    reopened: wasReopened(document),
    fleet: { ...fleet, meters: snapshot.readings.map(meterJson), missing: snapshot.missing },
    disagreements: disagreementsJson(snapshot),
    drain: { ...drainJson(drain), eta: drainEta },
  };
}
