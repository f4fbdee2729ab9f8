import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { SHOW_TARGET_EVERY_MS, showTarget } from '../environment/show-target.ts';
import { waitFor } from '../environment/wait-for.ts';
import {
  enterPhase,
  letTrafficFlow,
  runCommand,
  type ScriptContext,
  waitForInstances,
  waitForLogins,
  waitForSidecars,
} from './script-context.ts';

const TIMEOUT_MS = 30_000;
const POLL_EVERY_MS = 1000;
/** On a busy machine, what a probe showed can be older than `gate.silence` (seconds, here) when `advance` reads it. */
const ADVANCE_ATTEMPTS = 3;
/** The gate must pass within this many times the sum of the lifetimes. */
const GATE_TIMEOUT_FACTOR = 4;

const gateSchema = z.object({
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  earliestPassAt: z.iso.datetime().nullable(),
});

export async function prepare(context: ScriptContext): Promise<void> {
  await enterPhase(context, 'prepare');
  await runCommand(context, 'status');
  await letTrafficFlow(context);
}

export async function expand(context: ScriptContext): Promise<void> {
  const { lab } = context;
  await lab.orders.deploy('both', lab.balancer);
  await probeTarget(context);
  await enterPhase(context, 'expand');
  await letTrafficFlow(context);
}

export function advance(percent: number): (context: ScriptContext) => Promise<void> {
  return async (context) => {
    const since = context.report.moment();
    context.report.rollbackOver();
    await runAdvance(context, percent);
    await enterPhase(context, percent < 100 ? 'migrate' : 'drain', since);
    await waitForLogins(context, percent);
    if (percent < 100) await letTrafficFlow(context);
  };
}

/** Shows each sidecar real target tokens before and during the step: what an instance accepts has to be known since the last one. */
async function runAdvance(context: ScriptContext, percent: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await probeTarget(context);
    const timer = setInterval(() => void showTarget(context.lab), SHOW_TARGET_EVERY_MS);
    const { exitCode, stdout } = await context.operator
      .run('advance', '--to', String(percent), '--yes')
      .finally(() => clearInterval(timer));
    if (exitCode === 0) return;
    if (attempt === ADVANCE_ATTEMPTS || !stdout.includes('fleet_accepts_target')) {
      throw new Error(`crossfade advance must exit 0, but exited ${exitCode}`);
    }
  }
}

function probeTarget(context: ScriptContext): Promise<void> {
  const urls = context.lab.sidecars.map(({ dataUrl }) => dataUrl);
  return waitForInstances(context, urls, 'target', 200);
}

export async function rollBack(context: ScriptContext): Promise<void> {
  context.report.rollbackRequested();
  await runCommand(context, 'rollback');
  await waitForSidecars(context, 'the rollback', ({ phase }) => phase === 'expand');
  await waitForLogins(context, 0);
  context.report.rollbackConverged();
  context.view.phase('expand');
  await letTrafficFlow(context);
}

export async function closeTooEarly(context: ScriptContext): Promise<void> {
  const { exitCode } = await context.operator.run(...closeCommand(context));
  if (exitCode === 0) throw new Error('the gate must refuse while legacy tokens are in use, but the close succeeded');
  context.report.closeRefused();
}

export async function restartSidecar({ lab }: ScriptContext): Promise<void> {
  await lab.sidecars.at(-1)?.restart();
}

export async function failFlagStore(context: ScriptContext): Promise<void> {
  const { flagStore, loginFlags, timing } = context.lab;
  const failures = loginFlags.map((flags) => flags.refreshes().failed);
  flagStore.fail();
  try {
    await waitForSidecars(context, 'the outage', ({ flags }) => flags.problem !== undefined);
    const allFailed = () =>
      loginFlags.every((flags, index) => flags.refreshes().failed >= (failures[index] ?? 0) + timing.outagePolls);
    await waitFor('a few polls to fail', TIMEOUT_MS, allFailed, context.signal);
  } finally {
    flagStore.recover();
  }
  await waitForSidecars(context, 'that the outage is over', ({ flags }) => flags.problem === undefined);
}

export async function waitForGate(context: ScriptContext): Promise<void> {
  const { sessionLifetimeSeconds, tokenLifetimeSeconds, silenceSeconds } = context.lab.timing;
  const needsMs = (sessionLifetimeSeconds + tokenLifetimeSeconds + silenceSeconds) * 1000;
  const deadline = performance.now() + needsMs * GATE_TIMEOUT_FACTOR;
  for (;;) {
    const { stdout } = await context.operator.query('gate', '--json');
    const { verdict, earliestPassAt } = gateSchema.parse(JSON.parse(stdout));
    context.report.gateEvaluated(verdict);
    context.view.drainsAt(earliestPassAt === null ? undefined : Date.parse(earliestPassAt));
    if (verdict === 'pass') return;
    if (performance.now() > deadline) throw new Error(`the gate must pass by now, but its verdict is ${verdict}`);
    await delay(POLL_EVERY_MS, undefined, { signal: context.signal });
  }
}

export async function close(context: ScriptContext): Promise<void> {
  await runCommand(context, 'gate');
  const since = context.report.moment();
  await runCommand(context, ...closeCommand(context));
  context.report.closed();
  await enterPhase(context, 'contract', since);
  context.view.drainsAt(undefined);
  await waitForInstances(context, context.lab.instanceUrls, 'legacy', 401);
  await letTrafficFlow(context);
  await waitForSidecars(context, 'that no valid token got 401', ({ validUnauthorized }) => validUnauthorized === 0);
}

function closeCommand({ lab }: ScriptContext): string[] {
  return ['close', '--yes', '--legacy', lab.plan.legacy.audience ?? ''];
}
