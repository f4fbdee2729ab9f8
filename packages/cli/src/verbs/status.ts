import { ConfigError, CrossfadeError, describeMoment, type FlagDocument, type MigrationPlan } from '@crossfade/core';
import { describeReplacedHeaders } from '../doctor/examine-forwarded-headers.ts';
import { readStoreView, type StoreView } from '../flag-store/store-view.ts';
import type { Fleet, FleetSnapshot } from '../fleet/fleet.ts';
import { stillTakingLegacy } from '../fleet/fleet-evidence.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { brownoutJson } from '../fleet/running-brownout.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { printLatentBrownout, printRunningBrownout } from '../output/brownout-report.ts';
import { printDisagreements, printDrain, printMinting, printNotes } from '../output/decision-report.ts';
import { printMeters } from '../output/meter-report.ts';
import {
  planStatus,
  readBrownoutIfReachable,
  readFleetOrWarn,
  readMintingIfReachable,
  statusJson,
} from '../output/plan-status.ts';
import { type PlanReading, plansExitCode, plansJson, printPlans } from '../output/plans-report.ts';
import type { MigrationState } from '../output/state.ts';
import { printStore, storeJson } from '../output/store-report.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';
import { watchPlans } from '../watch/watch.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'status'>>> {
  const { options, report, env } = invocation;
  if (!options.given('watch')) return (await openPlans(invocation))();
  if (!report.isTerminal || options.given('json')) {
    throw new ConfigError('status', [{ path: '--watch', message: 'needs a terminal and cannot be used with --json' }]);
  }
  if (env['TERM'] === 'dumb') {
    const message = 'needs a terminal that can move its cursor, and TERM is dumb: repeat crossfade status instead';
    throw new ConfigError('status', [{ path: '--watch', message }]);
  }
  return watch(invocation);
}

/** Reads the plans that `--config` names, and returns what shows their state now. */
async function openPlans(invocation: Invocation): Promise<() => Promise<VerbResult<VerbJson<'status'>>>> {
  const [path, ...more] = await invocation.planPaths();
  if (more.length === 0) {
    const plan = await invocation.planAt(path);
    const fleet = openFleet(plan, invocation);
    return () => showOnce(plan, fleet, invocation);
  }
  const readers = await Promise.all([path, ...more].map((config) => openReader(config, invocation)));
  return async () => {
    const readings = await Promise.all(readers.map((read) => read()));
    printPlans(invocation.report, readings);
    return { exitCode: plansExitCode(readings), json: plansJson(readings) };
  };
}

/** Reads a plan once, and returns what reads its state; a problem is a reading, too. */
async function openReader(config: string, invocation: Invocation): Promise<() => Promise<PlanReading>> {
  const { now, report } = invocation;
  const plan = await orProblem(config, () => invocation.planAt(config));
  if ('error' in plan) return async () => plan;
  const fleet = openFleet(plan, invocation);
  return () =>
    orProblem(config, async () => {
      const store = await readStoreView(plan, now);
      const { document } = store;
      const meters = { fleet, frame: { document, hash: store.position?.stored.hash } };
      const snapshot = await readFleetOrWarn(meters, report, now(), `The meters of ${plan.migration}`);
      const minting = await readMintingIfReachable(fleet, document.issuance, now());
      const brownout = await readBrownoutIfReachable(store, { fleet, snapshot }, now());
      return { config, store, brownout, status: planStatus(plan, document, snapshot, now(), minting) };
    });
}

async function orProblem<Result>(
  config: string,
  read: () => Promise<Result>,
): Promise<Result | { readonly config: string; readonly error: CrossfadeError }> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error;
    return { config, error };
  }
}

async function watch(invocation: Invocation): Promise<VerbResult<VerbJson<'status'>>> {
  const [path, ...more] = await invocation.planPaths();
  if (more.length === 0) await watchPlans([{ plan: await invocation.planAt(path) }], invocation);
  else
    await watchPlans(await Promise.all([path, ...more].map((config) => readToWatch(config, invocation))), invocation);
  return { exitCode: EXIT.done, json: { plans: [] } };
}

/** A plan with a problem hides no other. */
async function readToWatch(config: string, { planAt }: Invocation) {
  const read = await orProblem(config, async () => ({ plan: await planAt(config) }));
  return 'error' in read ? { config, problem: read.error.message } : read;
}

async function showOnce(
  plan: MigrationPlan,
  fleet: Fleet | undefined,
  { report, now }: Invocation,
): Promise<VerbResult<VerbJson<'status'>>> {
  let store: StoreView;
  try {
    store = await readStoreView(plan, now);
  } catch (error) {
    printMeters(report, await readFleetOrWarn({ fleet }, report, now()), now());
    throw error;
  }
  const { document } = store;
  const frame = { document, hash: store.position?.stored.hash };
  const snapshot = await readFleetOrWarn({ fleet, frame }, report, now());
  const minting = await readMintingIfReachable(fleet, document.issuance, now());
  const brownout = await readBrownoutIfReachable(store, { fleet, snapshot }, now());
  const nowMs = now();
  const status = planStatus(plan, document, snapshot, nowMs, minting);
  const { situation, state } = status;
  printState(report, plan, document, state, nowMs);
  printRunningBrownout(report, brownout, nowMs);
  printLatentBrownout(report, document, nowMs);
  printStore(report, store, snapshot, nowMs);
  printMeters(report, snapshot, nowMs, { document, plan, nowMs });
  printHints(report, snapshot);
  printMinting(report, minting);
  if (state.phase === 'drain') printDrain(report, situation.drain, nowMs);
  else {
    printDisagreements(report, situation.drain);
    if (state.phase === 'contract') printNotes(report, situation.drain);
    report.field('drain', state.drainEta);
  }
  for (const meter of stillTakingLegacy(snapshot, { document, plan, nowMs }))
    report.field('still taken', `${meter}: its API took a legacy token after the close`, 'red');
  report.field('next', state.next);
  if (state.isBlind) report.field('read on', 'crossfade runbook sidecar-down');
  return {
    exitCode: state.isBlind ? EXIT.inconclusive : EXIT.done,
    json: { ...statusJson(status), brownout: brownoutJson(brownout), ...storeJson(store, snapshot) },
  };
}

/** Prints what a sidecar cannot settle by itself, in any phase. */
function printHints(report: Report, { readings }: FleetSnapshot): void {
  for (const reading of readings) {
    const replaced = describeReplacedHeaders(reading);
    if (replaced !== undefined) report.field('hint', `${reading.evidence.meter}: ${replaced}: see crossfade doctor`);
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
