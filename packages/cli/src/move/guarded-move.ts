import {
  type Decision,
  decideMove,
  type Move,
  type Situation,
  type SwitchChange,
  type SwitchPosition,
  sideName,
} from '@crossfade/core';
import { openFlagWriter } from '@crossfade/flags';
import { readStoredPosition, type StoredPosition } from '../flag-store/flag-position.ts';
import type { Fleet, FleetSnapshot } from '../fleet/fleet.ts';
import { requireFleet } from '../fleet/open-fleet.ts';
import {
  disagreementsJson,
  drainJson,
  exitCodeOfVerdict,
  mintingJson,
  printDisagreements,
  printDrain,
  printMinting,
  printMissing,
  printNotes,
  printRefusals,
  refusalsJson,
} from '../output/decision-report.ts';
import { situationOf } from '../output/situation.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';
import { type ChangeTools, changeJson, exitCodeOf, printConfirmation, writeChange } from './change.ts';
import { moveNote } from './move-note.ts';

/** The facts and the decision on a move. */
interface Assessment {
  readonly position: StoredPosition;
  readonly snapshot: FleetSnapshot;
  readonly situation: Situation;
  readonly decision: Decision;
}

/** Asks the operator for consent. Returns `undefined` for yes, else why not. */
export type Consent = () => Promise<string | undefined>;

/**
 * Makes a move that core's guards must allow: reads flags and fleet, decides, shows what will change, asks, decides again
 * on fresh facts, writes, and waits until the fleet shows it.
 */
export async function makeGuardedMove(move: Move, invocation: Invocation, consent: Consent): Promise<VerbResult> {
  const { report, now } = invocation;
  const note = moveNote(invocation, move.verb);
  const plan = await invocation.plan();
  const fleet = requireFleet(plan, invocation);
  const writer = await openFlagWriter(plan.flags, { now });
  const tools = { plan, writer, fleet, invocation };

  const first = await assess(move, tools);
  const legacy = sideName(plan.legacy);
  report.print(report.style('bold', `${plan.migration}: ${move.verb}${move.verb === 'close' ? ` ${legacy}` : ''}`));
  if (isAlreadyApplied(move, first.situation.position)) {
    report.print(`The legacy side (${legacy}) is already closed: nothing to do.`);
    return { exitCode: EXIT.done, json: { ...factsOf(move, tools, first), outcome: 'unchanged' } };
  }
  if (!first.decision.allowed) return refuse(move, tools, first, first.decision);
  printMissing(report, first.snapshot);
  printDisagreements(report, first.situation.drain);
  printMinting(report, first.situation.minting);
  printIntent(tools, first, first.decision.position);
  if (move.verb === 'close') printNotes(report, first.situation.drain);
  const objection = await consent();
  if (objection !== undefined) {
    report.warn(`${objection}: nothing was changed`);
    return { exitCode: EXIT.refused, json: { ...factsOf(move, tools, first), outcome: 'declined' } };
  }
  const second = await assess(move, tools);
  if (!second.decision.allowed) return refuse(move, tools, second, second.decision);
  const written = await writeChange(tools, second.position, changeOf(move), { urgency: 'planned', note });
  printConfirmation(report, written);
  const exitCode = exitCodeOf(written);
  const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
  return { exitCode, json: { ...factsOf(move, tools, second), outcome, ...changeJson(plan, written) } };
}

async function assess(
  move: Move,
  { plan, writer, fleet, invocation }: ChangeTools & { fleet: Fleet },
): Promise<Assessment> {
  const [position, snapshot] = await Promise.all([readStoredPosition(writer), fleet.read(invocation.now())]);
  const minting = await fleet.minting(position.document.issuance, invocation.now());
  const situation = situationOf(position.document, snapshot, plan, invocation.now(), minting);
  return { position, snapshot, situation, decision: decideMove(move, situation) };
}

/** Closing twice changes nothing. Advancing to the current share is refused instead: it is most likely a mistake. */
function isAlreadyApplied(move: Move, { acceptance }: SwitchPosition): boolean {
  return move.verb === 'close' && acceptance === 'target';
}

function changeOf(move: Move): SwitchChange {
  return move.verb === 'advance' ? { issuance: { percent: move.percent } } : { acceptance: 'target' };
}

function printIntent({ invocation: { report } }: ChangeTools, { situation }: Assessment, next: SwitchPosition): void {
  const before = situation.position;
  const [was, willBe] = [before.issuance.percent, next.issuance.percent];
  const issuance = was === willBe ? 'unchanged' : `now ${was}%`;
  const acceptance = before.acceptance === next.acceptance ? 'unchanged' : `now ${before.acceptance}`;
  report.field('issuance', `${willBe}% of logins ask for the target audience (${issuance})`);
  report.field('acceptance', `APIs accept ${next.acceptance} (${acceptance})`);
}

function refuse(
  move: Move,
  tools: ChangeTools,
  assessment: Assessment,
  { refusals }: Extract<Decision, { allowed: false }>,
): VerbResult {
  printMissing(tools.invocation.report, assessment.snapshot);
  const { report, now } = tools.invocation;
  printRefusals(
    report,
    refusals.filter(({ guard }) => guard !== 'drained'),
  );
  if (refusals.some(({ guard }) => guard === 'drained')) {
    report.field('refused', `the drain gate says ${assessment.situation.drain.verdict}`, 'red');
    printDrain(report, assessment.situation.drain, now());
  } else {
    printDisagreements(report, assessment.situation.drain);
    if (refusals.every(({ guard }) => guard !== 'minting')) printMinting(report, assessment.situation.minting);
  }
  return {
    exitCode: refusalExitCode(refusals, assessment.situation),
    json: { ...factsOf(move, tools, assessment), outcome: 'refused', refusals: refusalsJson(refusals) },
  };
}

/** Tells an inconclusive gate apart from one that fails. */
function refusalExitCode(refusals: readonly { guard: string }[], { drain }: Situation): ExitCode {
  return refusals.every(({ guard }) => guard === 'drained') ? exitCodeOfVerdict(drain.verdict) : EXIT.refused;
}

function factsOf(
  move: Move,
  { plan }: ChangeTools,
  { situation, snapshot, decision }: Assessment,
): Record<string, unknown> {
  const { issuance, acceptance } = situation.position;
  return {
    migration: plan.migration,
    from: { percent: issuance.percent, acceptance },
    to: decision.allowed
      ? { percent: decision.position.issuance.percent, acceptance: decision.position.acceptance, phase: decision.phase }
      : null,
    ...(move.verb === 'close' && { legacy: sideName(plan.legacy), gate: drainJson(situation.drain) }),
    disagreements: disagreementsJson(snapshot),
    minting: mintingJson(situation.minting),
    missing: snapshot.missing,
  };
}
