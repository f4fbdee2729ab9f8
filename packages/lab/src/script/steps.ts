import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { waitFor } from '../ledger/wait-for.ts';
import {
  command,
  enterPhase,
  flow,
  instancesAnswer,
  loginsFollow,
  type Stage,
  sidecarsShow,
} from './script-context.ts';

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 1000;
/** The gate must pass in the end; this many times what the lifetimes ask for is more than late. */
const GATE_PATIENCE = 4;

const gateSchema = z.object({
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  earliestPassAt: z.iso.datetime().nullable(),
});

export async function prepare(stage: Stage): Promise<void> {
  await enterPhase(stage, 'prepare');
  await command(stage, 'status');
  await flow(stage);
}

export async function expand(stage: Stage): Promise<void> {
  const { lab } = stage;
  await lab.orders.deploy('both', lab.balancer);
  await instancesAnswer(
    stage,
    lab.sidecars.map(({ dataUrl }) => dataUrl),
    'target',
    200,
  );
  await enterPhase(stage, 'expand');
  await flow(stage);
}

export function advance(percent: number): (stage: Stage) => Promise<void> {
  return async (stage) => {
    const since = stage.report.moment();
    stage.report.rollbackOver();
    await command(stage, 'advance', '--to', String(percent), '--yes');
    await enterPhase(stage, percent < 100 ? 'migrate' : 'drain', since);
    await loginsFollow(stage, percent);
    if (percent < 100) await flow(stage);
  };
}

export async function rollBack(stage: Stage): Promise<void> {
  stage.report.rollbackRequested();
  await command(stage, 'rollback');
  await sidecarsShow(stage, 'the rollback', ({ phase }) => phase === 'expand');
  await loginsFollow(stage, 0);
  stage.report.rollbackConverged();
  stage.view.phase('expand');
  await flow(stage);
}

export async function closeTooEarly(stage: Stage): Promise<void> {
  const { exitCode } = await stage.operator.run(...closeCommand(stage));
  if (exitCode === 0) throw new Error('the gate let somebody close while legacy tokens were in use');
  stage.report.closeRefused();
}

export async function restartSidecar({ lab }: Stage): Promise<void> {
  await lab.sidecars.at(-1)?.restart();
}

export async function loseFlagStore(stage: Stage): Promise<void> {
  const { flagStore, loginFlags, tempo } = stage.lab;
  const failures = loginFlags.map((flags) => flags.refreshes().failed);
  flagStore.breakDown();
  try {
    await sidecarsShow(stage, 'the outage', ({ flags }) => flags.problem !== undefined);
    const everyoneFailed = () =>
      loginFlags.every((flags, index) => flags.refreshes().failed >= (failures[index] ?? 0) + tempo.outagePolls);
    await waitFor('a few polls to fail', PATIENCE_MS, everyoneFailed, stage.signal);
  } finally {
    flagStore.recover();
  }
  await sidecarsShow(stage, 'that the outage is over', ({ flags }) => flags.problem === undefined);
}

export async function waitForGate(stage: Stage): Promise<void> {
  const { sessionLifetimeSeconds, tokenLifetimeSeconds, silenceSeconds } = stage.lab.tempo;
  const needsMs = (sessionLifetimeSeconds + tokenLifetimeSeconds + silenceSeconds) * 1000;
  const deadline = performance.now() + needsMs * GATE_PATIENCE;
  for (;;) {
    const { stdout } = await stage.operator.ask('gate', '--json');
    const { verdict, earliestPassAt } = gateSchema.parse(JSON.parse(stdout));
    stage.report.gateSaid(verdict);
    stage.view.drainsAt(earliestPassAt === null ? undefined : Date.parse(earliestPassAt));
    if (verdict === 'pass') return;
    if (performance.now() > deadline) throw new Error(`the gate still says ${verdict}`);
    await delay(LOOK_EVERY_MS, undefined, { signal: stage.signal });
  }
}

export async function closeForGood(stage: Stage): Promise<void> {
  await command(stage, 'gate');
  const since = stage.report.moment();
  await command(stage, ...closeCommand(stage));
  stage.report.closed();
  await enterPhase(stage, 'contract', since);
  await instancesAnswer(stage, stage.lab.instanceUrls, 'legacy', 401);
  await flow(stage);
  await sidecarsShow(stage, 'that no valid token was answered 401', ({ validUnauthorized }) => validUnauthorized === 0);
}

function closeCommand({ lab }: Stage): string[] {
  return ['close', '--yes', '--legacy', lab.plan.legacy.audience ?? ''];
}
