import {
  type Decision,
  decideMove,
  type Move,
  type Situation,
  type SwitchChange,
  type SwitchPosition,
} from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { readStoredPosition, type StoredPosition } from '../flag-store/flag-position.ts';
import type { Fleet, FleetLook } from '../fleet/fleet.ts';
import { requireFleet } from '../fleet/open-fleet.ts';
import { drainJson, exitCodeOfVerdict, sayDrain, sayMissing, sayRefusals } from '../output/decision-report.ts';
import { situationOf } from '../output/situation.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';
import { type ChangeTools, changeJson, exitCodeOf, sayChange, writeChange } from './change.ts';

/** What is known when a forward move is decided. */
interface Assessment {
  readonly position: StoredPosition;
  readonly look: FleetLook;
  readonly situation: Situation;
  readonly decision: Decision;
}

/** Asks the operator; `undefined` is a yes, anything else says why not. */
export type Consent = () => Promise<string | undefined>;

/**
 * Makes a move that needs a reason: gathers, decides, shows what will change, asks, decides again on what is then
 * true, writes, and waits until the fleet shows it.
 */
export async function forwardMove(move: Move, invocation: Invocation, consent: Consent): Promise<VerbResult> {
  const { report, now, signal } = invocation;
  const plan = await invocation.plan();
  const fleet = requireFleet(plan, signal);
  const writer = await openFlagWriter(plan.flags, { now });
  const tools = { plan, writer, fleet, invocation };

  const first = await assess(move, tools);
  report.say(report.paint('bold', `${plan.migration}: ${move.verb}`));
  if (isThere(move, first.situation.position)) {
    report.say('It stands there already: nothing to do.');
    return { exitCode: EXIT.done, json: { ...factsOf(move, tools, first), outcome: 'unchanged' } };
  }
  if (!first.decision.allowed) return refuse(move, tools, first, first.decision);
  sayMissing(report, first.look);
  sayIntent(tools, first, first.decision.position);
  const objection = await consent();
  if (objection !== undefined) {
    report.warn(`${objection}: nothing was changed`);
    return { exitCode: EXIT.refused, json: { ...factsOf(move, tools, first), outcome: 'declined' } };
  }
  const second = await assess(move, tools);
  if (!second.decision.allowed) return refuse(move, tools, second, second.decision);
  const written = await writeChange(tools, second.position, changeOf(move), 'planned');
  sayChange(report, plan, written);
  const exitCode = exitCodeOf(written);
  const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
  return { exitCode, json: { ...factsOf(move, tools, second), outcome, ...changeJson(plan, written) } };
}

async function assess(
  move: Move,
  { plan, writer, fleet, invocation }: ChangeTools & { fleet: Fleet },
): Promise<Assessment> {
  const [position, look] = await Promise.all([readStoredPosition(writer), fleet.look(invocation.now())]);
  const situation = situationOf(position.document, look, plan, invocation.now());
  return { position, look, situation, decision: decideMove(move, situation) };
}

/** Closing what is closed changes nothing; advancing to where issuance stands is refused, for it is most likely a slip. */
function isThere(move: Move, { acceptance }: SwitchPosition): boolean {
  return move.verb === 'close' && acceptance === 'target';
}

function changeOf(move: Move): SwitchChange {
  return move.verb === 'advance' ? { issuance: { percent: move.percent } } : { acceptance: 'target' };
}

function sayIntent({ invocation: { report } }: ChangeTools, { situation }: Assessment, next: SwitchPosition): void {
  const before = situation.position;
  const [was, willBe] = [before.issuance.percent, next.issuance.percent];
  const issuance = was === willBe ? 'as it is' : `now ${was}%`;
  const acceptance = before.acceptance === next.acceptance ? 'as it is' : `now ${before.acceptance}`;
  report.field('issuance', `${willBe}% of logins ask for the target audience (${issuance})`);
  report.field('acceptance', `APIs accept ${next.acceptance} (${acceptance})`);
}

function refuse(
  move: Move,
  tools: ChangeTools,
  assessment: Assessment,
  { refusals }: Extract<Decision, { allowed: false }>,
): VerbResult {
  sayMissing(tools.invocation.report, assessment.look);
  const { report, now } = tools.invocation;
  sayRefusals(
    report,
    refusals.filter(({ guard }) => guard !== 'drained'),
  );
  if (refusals.some(({ guard }) => guard === 'drained')) {
    report.field('refused', `the drain gate says ${assessment.situation.drain.verdict}`, 'red');
    sayDrain(report, assessment.situation.drain, now());
  }
  return {
    exitCode: refusalExitCode(refusals, assessment.situation),
    json: { ...factsOf(move, tools, assessment), outcome: 'refused', refusals },
  };
}

/** A gate that can't tell is told apart from one that says no. */
function refusalExitCode(refusals: readonly { guard: string }[], { drain }: Situation): ExitCode {
  return refusals.every(({ guard }) => guard === 'drained') ? exitCodeOfVerdict(drain.verdict) : EXIT.refused;
}

function factsOf(
  move: Move,
  { plan }: ChangeTools,
  { situation, look, decision }: Assessment,
): Record<string, unknown> {
  const { issuance, acceptance } = situation.position;
  return {
    migration: plan.migration,
    from: { percent: issuance.percent, acceptance },
    to: decision.allowed
      ? { percent: decision.position.issuance.percent, acceptance: decision.position.acceptance, phase: decision.phase }
      : null,
    ...(move.verb === 'close' && { gate: drainJson(situation.drain) }),
    missing: look.missing,
  };
}
