import { setTimeout as delay } from 'node:timers/promises';
import {
  ConfigError,
  type DrainVerdict,
  derivePhase,
  describeEarliestPass,
  type FlagDocument,
  formatDuration,
  formatInstant,
  type MigrationPlan,
  type Minting,
  parseDurationMs,
  UnavailableError,
} from '@crossfade/core';
import { readFlagDocument } from '../flag-store/flag-position.ts';
import { judgeDrain } from '../fleet/drain-evidence.ts';
import type { Fleet, FleetPart, FleetSnapshot } from '../fleet/fleet.ts';
import { requireFleet } from '../fleet/open-fleet.ts';
import type { VerbJson } from '../json/verb-json.ts';
import {
  disagreementsJson,
  drainJson,
  exitCodeOfVerdict,
  mintingJson,
  printDrain,
  printMinting,
  printMissing,
  watchJson,
} from '../output/decision-report.ts';
import { missingJson } from '../output/meter-report.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, OptionValues, VerbResult } from '../verb/verb.ts';

/** How often the gate is asked while it waits: a hundredth of the silence, from a second to 15. */
function pauseMs({ gate }: Pick<MigrationPlan, 'gate'>): number {
  return Math.min(15_000, Math.max(1000, gate.silenceMs / 100));
}

interface Reading {
  readonly document: FlagDocument;
  readonly snapshot: FleetSnapshot;
  readonly minting: Minting;
  readonly drain: DrainVerdict;
}

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'gate'>>> {
  const timeoutMs = readTimeout(invocation.options);
  const plan = await invocation.plan();
  const fleet = requireFleet(plan, invocation);
  const reading = invocation.options.given('wait')
    ? await readUntilPass(plan, fleet, invocation, timeoutMs)
    : await read(plan, fleet, invocation);
  return conclude(plan, reading, invocation);
}

function readTimeout(options: OptionValues): number {
  const text = options.text('timeout');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const timeoutMs = parseDurationMs(text);
  const problem = (message: string) => new ConfigError('gate', [{ path: '--timeout', message }]);
  if (timeoutMs === undefined) throw problem('must be a duration such as 30m, 12h or 3d');
  if (!options.given('wait')) throw problem('needs --wait: without it the gate is asked once');
  return timeoutMs;
}

async function read(plan: MigrationPlan, fleet: Fleet, { now }: Invocation): Promise<Reading> {
  const parts: readonly FleetPart[] = ['drain'];
  const [document, snapshot] = await Promise.all([readFlagDocument(plan, now), fleet.read(now(), { parts })]);
  const minting = await fleet.minting(document.issuance, now());
  const drain = judgeDrain(snapshot, document.issuance, plan, now());
  return { document, snapshot, minting, drain };
}

/**
 * Asks the gate until it passes, the time is over, or the operator ends the wait. An outage of the store or of Prometheus ends
 * nothing: it is said, and the gate is asked again.
 * @throws `UnavailableError` when it could not be asked the last time.
 */
async function readUntilPass(
  plan: MigrationPlan,
  fleet: Fleet,
  invocation: Invocation,
  timeoutMs: number,
): Promise<Reading> {
  const { report, now, signal } = invocation;
  // A clock on the wall: a machine that slept has waited, too.
  const untilMs = now() + timeoutMs;
  let said = '';
  const say = (text: string) => {
    if (text !== said) report.print(`${formatInstant(now())}  ${text}`);
    said = text;
  };
  let last: Reading | undefined;
  for (;;) {
    const reading = await read(plan, fleet, invocation).catch((error: unknown) => {
      if (!(error instanceof UnavailableError)) throw error;
      return error;
    });
    // An interrupted read misses meters that respond: what was read before it stands.
    if (signal.aborted && last !== undefined) return last;
    const isOver = now() >= untilMs || signal.aborted;
    if (reading instanceof UnavailableError) {
      if (isOver) throw reading;
      say(`cannot be asked: ${reading.message}`);
    } else {
      if (isOver || reading.drain.verdict === 'pass') return reading;
      last = reading;
      say(describeWait(reading.drain));
      report.progress(`${describeEarliestPass(reading.drain.earliestPassMs, now())}${leftOf(untilMs - now())}`);
    }
    await delay(Math.min(pauseMs(plan), Math.max(0, untilMs - now())), undefined, { signal }).catch(() => undefined);
  }
}

/** Names what does not pass: the ages in the details change each time. */
function describeWait({ verdict, checks }: DrainVerdict): string {
  const names = checks.filter((check) => check.verdict !== 'pass').map((check) => `${check.name} (${check.verdict})`);
  return `${verdict}: waiting for ${names.join(', ')}`;
}

function leftOf(leftMs: number): string {
  return Number.isFinite(leftMs) ? `; ${formatDuration(leftMs)} left` : '';
}

function conclude(
  plan: MigrationPlan,
  { document, snapshot, minting, drain }: Reading,
  { report, now }: Invocation,
): VerbResult<VerbJson<'gate'>> {
  report.print(report.style('bold', `${plan.migration}: the drain gate says ${drain.verdict}`));
  printDrain(report, drain, now());
  printMinting(report, minting);
  printMissing(report, snapshot);
  if (drain.verdict === 'pass') report.field('next', 'close the legacy audience: crossfade close');
  const phase = derivePhase(document.acceptance, document.issuance);
  return {
    exitCode: drain.verdict === 'pass' ? EXIT.done : exitCodeOfVerdict(drain.verdict),
    json: {
      migration: plan.migration,
      phase,
      ...drainJson(drain),
      disagreements: disagreementsJson(snapshot),
      watch: watchJson(snapshot),
      openConnections: snapshot.openConnections,
      minting: mintingJson(minting),
      missing: missingJson(snapshot),
    },
  };
}
