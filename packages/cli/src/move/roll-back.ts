import {
  ConflictError,
  DEFAULT_FLAG_DOCUMENT,
  type Decision,
  decideMove,
  derivePhase,
  formatInstant,
  type MoveNote,
  type RecordedPosition,
  type SwitchChange,
  type WriteReceipt,
} from '@crossfade/core';
import { EMPTY_FLEET, type FleetSnapshot } from '../fleet/fleet.ts';
import { flagsTakeMs, WHOLE_FLEET } from '../fleet/fleet-evidence.ts';
import { withoutMeters } from '../fleet/without-meters.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { printRefusals, refusalsJson } from '../output/decision-report.ts';
import { situationOf } from '../output/situation.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { VerbResult } from '../verb/verb.ts';
import {
  type ChangeTools,
  changeJson,
  confirmChange,
  exitCodeOf,
  outcomeOf,
  printConfirmation,
  printWritten,
  receiptJson,
  type WrittenChange,
  withoutCommand,
} from './change.ts';
import { convergenceTimeoutMs, waitForFleet } from './convergence.ts';
import { printDryRun } from './dry-run.ts';
import { createLastWords, NO_FLEET, withoutOutage } from './last-words.ts';
import { isClosed, type LenientFlags, readLeniently } from './lenient-flags.ts';
import { describeUnwritten, waysOut } from './unwritten-rollback.ts';

export interface RollbackOptions {
  /** Instances that nothing waits for. */
  readonly without: readonly string[];
  /** Whether logins wait for no instance at all. */
  readonly isNow: boolean;
  readonly note: MoveNote;
}

/** The decision, and the instances that it waits for. */
interface RollbackDecision {
  readonly decision: Decision;
  readonly holding: readonly string[];
}

/**
 * Switches issuance back to legacy. Writes even if it is off already, because the write stops a running deployment that
 * could switch it on. Opens a closed legacy audience first, and waits for the instances that may still refuse it.
 */
export async function rollBack(
  tools: ChangeTools,
  options: RollbackOptions,
): Promise<VerbResult<VerbJson<'rollback'>>> {
  const { plan, invocation } = tools;
  const { report, now } = invocation;
  const requestedAt = formatInstant(now());
  const flags = await readLeniently(tools);
  report.print(report.style('bold', `${plan.migration}: rollback`));
  if (flags.isBroken)
    report.warn('The flag document in the store is broken: the rollback replaces it, and its other flags are lost.');
  const from = positionBefore(flags);
  const share = from === null ? 'an unknown share' : `${from.percent}%`;
  report.field(
    'issuance',
    `all logins switch back to the legacy audience (now ${from === null ? 'unknown' : `${share} target`})`,
  );

  const closed = await isClosed(tools, flags);
  if (invocation.options.given('dry-run')) return dryRun(tools, flags, closed);
  const { decision, holding, reopened } = await openAndDecide(tools, flags, options, closed);
  const facts = {
    migration: plan.migration,
    requestedAt,
    from,
    reopened: reopened === undefined ? null : receiptJson(reopened),
  };
  if (!decision.allowed) {
    printRefusals(report, decision.refusals);
    report.warn(describeUnwritten(tools, holding, share, reopened));
    return {
      exitCode: EXIT.refused,
      json: { ...facts, outcome: 'refused', refusals: refusalsJson(decision.refusals) },
    };
  }
  const written = await setIssuanceBack(tools, options);
  printConfirmation(report, written);
  if (outcomeOf(written) !== 'done') report.warn(`To leave out what you know to be gone: ${withoutCommand(written)}`);
  const json = { ...facts, outcome: outcomeOf(written), ...changeJson(plan, written) };
  return { exitCode: exitCodeOf(written), json };
}

/** `null`: unknown, because the document is broken. */
function positionBefore({ document, isBroken }: LenientFlags): RecordedPosition | null {
  return isBroken ? null : { percent: document.issuance.percent, acceptance: document.acceptance };
}

/** Shows what a rollback would write; an instance that holds it would be waited for. */
function dryRun(
  { plan, invocation: { report, now } }: ChangeTools,
  flags: LenientFlags,
  closed: boolean,
): VerbResult<VerbJson<'rollback'>> {
  if (closed) report.print('It would open the legacy audience first, and wait for the instances that refuse legacy.');
  const change: SwitchChange = { issuance: { percent: 0 }, brownout: null, ...(closed && { acceptance: 'both' }) };
  const facts = { migration: plan.migration, from: positionBefore(flags) };
  return { exitCode: EXIT.done, json: { ...facts, ...printDryRun(report, flags, change, now()) } };
}

/** Opens the audience, and leaves logins where they are: a close needs 100 %, which a broken document no longer tells. */
async function reopenFirst(
  tools: ChangeTools,
  { isBroken }: LenientFlags,
  { note }: RollbackOptions,
): Promise<WriteReceipt> {
  const { report } = tools.invocation;
  report.print('The legacy audience is closed: reopening it first, so that no login gets a token that APIs reject.');
  const change: SwitchChange = { acceptance: 'both', ...(isBroken && { issuance: { percent: 100 } }) };
  const receipt = await writeUrgently(tools, change, note);
  printWritten(tools, receipt);
  report.print(
    'Logins wait while an instance may still refuse legacy. Not to wait: crossfade rollback --now, or --without <instance>',
  );
  return receipt;
}

/** How often another writer may close the audience while a rollback waits. */
const MAX_CLOSES = 3;

/** Opens a closed audience, and decides. Where another writer closes it during the wait, both begin again. */
async function openAndDecide(
  tools: ChangeTools,
  flags: LenientFlags,
  options: RollbackOptions,
  closed: boolean,
): Promise<RollbackDecision & { readonly reopened: WriteReceipt | undefined }> {
  let reopened = closed ? await reopenFirst(tools, flags, options) : undefined;
  for (let closes = 1; ; closes += 1) {
    const decided = await decideOnceSafe(tools, options);
    if (!decided.decision.allowed || options.isNow) return { ...decided, reopened };
    const current = await readLeniently(tools);
    if (current.document.acceptance === 'both') return { ...decided, reopened };
    if (closes > MAX_CLOSES) throw new ConflictError('another writer closes the legacy audience again and again');
    reopened = await reopenFirst(tools, current, options);
  }
}

/**
 * Decides, and waits while an instance may still refuse legacy. Reads the fleet only if the audience was closed lately: a
 * rollback must not wait for meters that are down.
 */
async function decideOnceSafe(tools: ChangeTools, { without, isNow }: RollbackOptions): Promise<RollbackDecision> {
  const { plan, fleet, invocation } = tools;
  const stored = (await readLeniently(tools)).document;
  const startedMs = invocation.now();
  // A time that lies ahead is that of a clock which is wrong, or of a hand that was: it must not hold for as long.
  const document =
    stored.acceptanceSinceMs === null
      ? stored
      : { ...stored, acceptanceSinceMs: Math.min(stored.acceptanceSinceMs, startedMs) };
  const frame = (snapshot: FleetSnapshot) => situationOf(document, snapshot, plan, invocation.now());
  const position = { acceptance: document.acceptance, issuance: DEFAULT_FLAG_DOCUMENT.issuance };
  if (isNow || document.acceptanceSinceMs === null)
    return {
      decision: { allowed: true, position, phase: derivePhase(position.acceptance, position.issuance) },
      holding: [],
    };
  const lastWords = createLastWords();
  let situation = frame(EMPTY_FLEET);
  let decision: Decision = NOT_ASKED;
  await waitForFleet(
    fleet === undefined ? NO_FLEET : withoutOutage(fleet),
    {
      timeoutMs: flagsTakeMs(plan) + convergenceTimeoutMs(plan, fleet),
      frame: { document, parts: ['legacy'], names: without },
      pendingIn(snapshot) {
        // An interrupted read misses instances that respond: it must not end the wait for them.
        if (invocation.signal.aborted) return [INTERRUPTED];
        situation = frame(withoutMeters(lastWords.complete(snapshot, invocation.now()), without));
        decision = decideMove({ verb: 'rollback' }, situation);
        if (decision.allowed) return [];
        return situation.fleet.legacyHolds;
      },
      explain: (pending) =>
        `for ${pending.map(({ meter, why }) => `${meter}, which ${why}`).join('; ')}; to go on at once: ${waysOut(pending.map(({ meter }) => meter)).join(' or ')}`,
    },
    invocation,
  );
  return {
    decision,
    holding: situation.fleet.legacyHolds.map(({ meter }) => meter),
  };
}

const INTERRUPTED = { meter: WHOLE_FLEET, why: 'was not asked: interrupted' };
const NOT_ASKED: Decision = {
  allowed: false,
  refusals: [{ guard: 'fleet_reopened', detail: 'interrupted before an instance was asked whether it refuses legacy' }],
};

/** Writes the rollback. If a running close completed just before the write, reopens the APIs at once. */
async function setIssuanceBack(tools: ChangeTools, { note, without }: RollbackOptions): Promise<WrittenChange> {
  const change = { issuance: { percent: 0 }, brownout: null };
  const receipt = await writeUrgently(tools, change, note);
  printWritten(tools, receipt);
  const { document } = await readLeniently(tools);
  if (document.acceptance === 'target') {
    tools.invocation.report.warn('A close completed in the meantime: reopening the legacy audience.');
    await writeUrgently(tools, { acceptance: 'both' }, note);
  }
  return confirmChange(tools, receipt, change, 0, without);
}

/** Writes with priority over a running deployment, and retries once if another writer interferes. */
async function writeUrgently(tools: ChangeTools, change: SwitchChange, note: MoveNote): Promise<WriteReceipt> {
  const { writer, invocation } = tools;
  try {
    return await writer.write(change, (await readLeniently(tools)).stored, 'emergency', note);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    invocation.report.warn(`Another writer is changing the flags (${error.message}): trying once more.`);
    return writer.write(change, (await readLeniently(tools)).stored, 'emergency', note);
  }
}
