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
import { type Fleet, type FleetLook, NO_METERS } from '../fleet/fleet.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { drainJson, sayDrain } from '../output/decision-report.ts';
import { meterJson, sayMeters } from '../output/meter-report.ts';
import { situationOf } from '../output/situation.ts';
import { type MigrationState, stateOf } from '../output/state.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbDefinition, VerbResult } from '../verb/verb.ts';

const HELP = `crossfade status [--watch] [--config crossfade.yaml] [--json]

Says where the migration stands, why, what comes next, and when the drain can be over. Changes nothing.

  --watch   repeat every two seconds, on a terminal, until interrupted

Ends with 0 when the state could be told, 3 when the flag store can't be reached.

  crossfade status
  crossfade status --json | jq -r .phase
`;

const WATCH_EVERY_MS = 2000;

export const status: VerbDefinition = {
  name: 'status',
  summary: 'say where the migration stands, and why',
  help: HELP,
  options: { watch: 'boolean' },
  async run(invocation) {
    const { options, report } = invocation;
    if (options.given('watch') && (!report.isTerminal || options.given('json'))) {
      throw new ConfigError('status', [{ path: '--watch', message: 'needs a terminal, and does not go with --json' }]);
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
      report.say(report.paint('red', error.message));
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
  const look = await lookOrWarn(fleet, report, now());
  let document: FlagDocument;
  try {
    document = await readFlagDocument(plan, now);
  } catch (error) {
    sayMeters(report, look, now());
    throw error;
  }
  const nowMs = now();
  const situation = situationOf(document, look, plan, nowMs);
  const state = stateOf(document, look, situation, plan, nowMs);
  sayState(report, plan, document, state, nowMs);
  sayMeters(report, look, nowMs);
  if (state.phase === 'drain') sayDrain(report, situation.drain, nowMs);
  else report.field('drain', state.drainEta);
  report.field('next', state.next);
  return { exitCode: EXIT.done, json: stateJson(plan, document, look, situation, state) };
}

/** The flags can be told without the meters. */
async function lookOrWarn(fleet: Fleet | undefined, report: Report, nowMs: number): Promise<FleetLook> {
  if (fleet === undefined) return NO_METERS;
  try {
    return await fleet.look(nowMs);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    report.warn(`The meters are not known: ${error.message}`);
    return NO_METERS;
  }
}

function sayState(
  report: Report,
  plan: MigrationPlan,
  document: FlagDocument,
  state: MigrationState,
  nowMs: number,
): void {
  const { issuance, acceptance, acceptanceSinceMs } = document;
  const since = (ms: number | null) => (ms === null ? '' : `, since ${describeMoment(ms, nowMs)}`);
  report.say(report.paint('bold', `${plan.migration}: ${state.phase}`));
  report.field('reason', state.reason);
  report.field('issuance', `${issuance.percent}% target${since(issuance.sinceMs)}`);
  report.field('acceptance', `${acceptance}${since(acceptanceSinceMs)}`);
  report.field('flags', `${plan.flags.source}, revision ${issuance.revision ?? 'unknown'}`);
}

function stateJson(
  plan: MigrationPlan,
  document: FlagDocument,
  look: FleetLook,
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
    fleet: { ...fleet, meters: look.readings.map(meterJson), missing: look.missing },
    drain: { ...drainJson(drain), eta: drainEta },
  };
}
