import {
  type Decision,
  decideMove,
  type FlagDocument,
  type MigrationPlan,
  type Move,
  type Situation,
  type SwitchChange,
  type SwitchPosition,
  sideName,
} from '@crossfade/core';
import { readStoredPosition, type StoredPosition } from '../flag-store/flag-position.ts';
import { openFlagStore } from '../flag-store/open-flag-store.ts';
import { flagsApart, storeFlagsOf } from '../fleet/flags-held.ts';
import type { Fleet, FleetPart, FleetSnapshot, ReadFrame } from '../fleet/fleet.ts';
import { pollIntervalMs } from '../fleet/fleet-evidence.ts';
import { requireFleet } from '../fleet/open-fleet.ts';
import type { AdvanceEvidenceJson, MoveFactsJson } from '../json/moves-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import {
  disagreementsJson,
  drainJson,
  exitCodeOfVerdict,
  mintingJson,
  printDisagreements,
  printDrain,
  printMinting,
  printMissing,
  printRefusals,
  refusalsJson,
} from '../output/decision-report.ts';
import { missingJson } from '../output/meter-report.ts';
import { situationOf } from '../output/situation.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';
import { type ChangeTools, changeJson, exitCodeOf, outcomeOf, printConfirmation, writeChange } from './change.ts';
import { confirmClose } from './confirm-close.ts';
import { waitForFleet } from './convergence.ts';
import { printDryRun } from './dry-run.ts';
import { moveNote } from './move-note.ts';
import { closeEvidence, showCloseEvidence } from './shadow-close.ts';
import { hasPosition, overtaken, switchesOf } from './watch-store.ts';

/** The facts and the decision on a move. */
interface Assessment {
  readonly move: Move;
  readonly position: StoredPosition;
  readonly snapshot: FleetSnapshot;
  readonly situation: Situation;
  readonly decision: Decision;
}

/** Asks the operator for consent. Returns `undefined` for yes, else why not. */
export type Consent = () => Promise<string | undefined>;

/** What the evidence of a move is read from. */
export type ExplainedFacts = Pick<Assessment, 'position' | 'snapshot' | 'situation'>;

/** A forward move that the operator asks for. */
export interface GuardedMove {
  /** Chooses the move by the flags as they are. */
  choose(document: FlagDocument, plan: MigrationPlan): Move;
  readonly verb: 'advance' | 'close';
  readonly consent: Consent;
  /** Prints on what evidence the move rests, before the question. Returns it as `--json` prints it. */
  explain?(tools: ChangeTools & { readonly fleet: Fleet }, facts: ExplainedFacts): Promise<AdvanceEvidenceJson>;
  /** What the operator told the CLI to skip. */
  readonly skipped?: readonly 'soak'[];
}

/**
 * Makes a move that core's guards must allow: reads flags and fleet, decides, shows what will change, asks, decides again
 * on fresh facts, writes, and waits until the fleet shows it. With `--dry-run` it ends before the question.
 */
export async function makeGuardedMove(
  asked: GuardedMove,
  invocation: Invocation,
): Promise<VerbResult<VerbJson<'advance' | 'close'>>> {
  const { report, now, options } = invocation;
  const note = moveNote(invocation, asked.verb, asked.skipped);
  const plan = await invocation.plan();
  const fleet = requireFleet(plan, invocation);
  const writer = await openFlagStore(plan, now);
  const tools = { plan, writer, fleet, invocation };

  const first = await assessOnceFollowed(asked, tools);
  const { move } = first;
  const legacy = sideName(plan.legacy);
  report.print(report.style('bold', `${plan.migration}: ${move.verb}${move.verb === 'close' ? ` ${legacy}` : ''}`));
  if (isAlreadyApplied(move, first.situation.position)) {
    report.print(`The legacy side (${legacy}) is already closed: nothing to do.`);
    const closedMs = first.position.document.acceptanceSinceMs ?? 0;
    const { flagsApart: apart = [] } = first.situation.fleet;
    for (const { meter, why } of apart) report.field('unconfirmed', `${meter}: ${why}`, 'yellow');
    const proof = await confirmClose(tools, now() - closedMs);
    const { stillTaking } = proof;
    const exitCode = apart.length > 0 ? EXIT.inconclusive : proof.exitCode;
    return { exitCode, json: { ...factsOf(tools, first), outcome: 'unchanged', stillTaking } };
  }
  const explained = await asked.explain?.(tools, first);
  const evidence = explained && { evidence: explained };
  if (!first.decision.allowed) {
    const { exitCode, json } = refuse(tools, first, first.decision);
    return { exitCode, json: { ...json, ...evidence } };
  }
  printMissing(report, first.snapshot);
  printDisagreements(report, first.situation.drain);
  printMinting(report, first.situation.minting);
  printIntent(tools, first, first.decision.position);
  const shadow =
    move.verb === 'close' ? await showCloseEvidence(tools, first.situation.drain, first.snapshot) : undefined;
  if (options.given('dry-run')) {
    const json = printDryRun(report, first.position, changeOf(move), now());
    return { exitCode: EXIT.done, json: { ...factsOf(tools, first), ...evidence, ...json } };
  }
  const objection = await asked.consent();
  if (objection !== undefined) {
    report.warn(`${objection}: nothing was changed`);
    return { exitCode: EXIT.refused, json: { ...factsOf(tools, first), ...evidence, outcome: 'declined' } };
  }
  const second = await assess({ ...asked, choose: () => move }, tools);
  // The consent was to a move from there: a rollback in the meantime must stand.
  if (!hasPosition(second.position.document, switchesOf(first.position.document)))
    throw await overtaken(writer, 'nothing was written, because the switches moved after they had been read');
  if (!second.decision.allowed) return refuse(tools, second, second.decision);
  if (invocation.signal.aborted) {
    report.warn('interrupted: nothing was changed');
    return { exitCode: EXIT.refused, json: { ...factsOf(tools, second), ...evidence, outcome: 'declined' } };
  }
  const recorded = move.verb === 'close' ? { ...note, evidence: closeEvidence(second.situation.drain) } : note;
  const written = await writeChange(tools, second.position, changeOf(move), { urgency: 'planned', note: recorded });
  printConfirmation(report, written);
  const proof = move.verb === 'close' ? await confirmClose(tools, written.convergence.tookMs) : undefined;
  const isContradicted = proof !== undefined && proof.exitCode !== EXIT.done;
  return {
    exitCode: isContradicted ? proof.exitCode : exitCodeOf(written),
    json: {
      ...factsOf(tools, second),
      ...evidence,
      outcome: isContradicted ? 'unconfirmed' : outcomeOf(written),
      ...changeJson(plan, written),
      ...(proof !== undefined && { stillTaking: proof.stillTaking, shadow: shadow?.stragglers.length ?? null }),
    },
  };
}

type Tools = ChangeTools & { readonly fleet: Fleet };

/** Assesses; where nothing but flags that differ is against the move, gives the meters time to follow the store. */
async function assessOnceFollowed(asked: GuardedMove, tools: Tools): Promise<Assessment> {
  const { plan, fleet, invocation } = tools;
  const first = await assess(asked, tools);
  if (first.decision.allowed || first.decision.refusals.some(({ guard }) => guard !== 'flags_match')) return first;
  const timeoutMs = 2 * pollIntervalMs(plan) + fleet.lagMs;
  const frame: ReadFrame = { parts: ['flags'], hash: storeFlagsOf(first.position).hash };
  const pendingIn = (snapshot: FleetSnapshot) => flagsApart(snapshot, first.position);
  await waitForFleet(fleet, { timeoutMs, frame, pendingIn }, invocation);
  return assess(asked, tools);
}

/** What the guards of a move judge. */
const PARTS: Readonly<Record<GuardedMove['verb'], readonly FleetPart[]>> = {
  advance: ['target', 'refusals', 'flags', 'drain'],
  close: ['flags', 'drain'],
};

async function assess({ choose, verb, skipped = [] }: GuardedMove, tools: Tools): Promise<Assessment> {
  const { plan, writer, fleet, invocation } = tools;
  const position = await readStoredPosition(writer);
  const { document } = position;
  const [snapshot, minting] = await Promise.all([
    fleet.read(invocation.now(), { document, hash: storeFlagsOf(position).hash, parts: PARTS[verb] }),
    fleet.minting(document.issuance, invocation.now()),
  ]);
  const nowMs = invocation.now();
  const seen = situationOf(document, snapshot, plan, nowMs, minting);
  const sinceMs = document.issuance.sinceMs;
  const situation: Situation = {
    ...seen,
    fleet: { ...seen.fleet, flagsApart: flagsApart(snapshot, position) },
    ...(sinceMs !== null && !skipped.includes('soak') && { soak: { sinceMs, soakMs: plan.gate.soakMs } }),
  };
  const move = choose(document, plan);
  return { move, position, snapshot, situation, decision: decideMove(move, situation) };
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
  tools: ChangeTools,
  assessment: Assessment,
  { refusals }: Extract<Decision, { allowed: false }>,
): VerbResult<VerbJson<'advance' | 'close'>> {
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
  const outcome = tools.invocation.options.given('dry-run') ? 'dry-run' : 'refused';
  return {
    exitCode: refusalExitCode(refusals, assessment.situation),
    json: { ...factsOf(tools, assessment), outcome, refusals: refusalsJson(refusals) },
  };
}

/** Tells an inconclusive gate apart from one that fails. */
function refusalExitCode(refusals: readonly { guard: string }[], { drain }: Situation): ExitCode {
  return refusals.every(({ guard }) => guard === 'drained') ? exitCodeOfVerdict(drain.verdict) : EXIT.refused;
}

function factsOf({ plan }: ChangeTools, { move, situation, snapshot, decision }: Assessment): MoveFactsJson {
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
    missing: missingJson(snapshot),
  };
}
