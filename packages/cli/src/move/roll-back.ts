import {
  ConflictError,
  DEFAULT_FLAG_DOCUMENT,
  type Decision,
  decideMove,
  formatInstant,
  parseFlagDocument,
  type SwitchChange,
  type WriteReceipt,
} from '@crossfade/core';
import type { StoredPosition } from '../flag-store/flag-position.ts';
import { EMPTY_FLEET } from '../fleet/fleet.ts';
import { printRefusals, refusalsJson } from '../output/decision-report.ts';
import { situationOf } from '../output/situation.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { VerbResult } from '../verb/verb.ts';
import { type ChangeTools, changeJson, confirmChange, exitCodeOf, printChange, type WrittenChange } from './change.ts';
import { convergenceTimeoutMs, waitForFleet } from './convergence.ts';

/**
 * Switches issuance back to legacy. Writes even if it is off already, because the write stops a running deployment that
 * could switch it on. Where core refuses (the legacy audience is closed, or was), opens the audience first and waits for
 * the fleet to show it.
 */
export async function rollBack(tools: ChangeTools): Promise<VerbResult> {
  const { plan, invocation } = tools;
  const { report, now } = invocation;
  const requestedAt = formatInstant(now());
  const { document, isBroken } = await readLeniently(tools);
  report.print(report.style('bold', `${plan.migration}: rollback`));
  if (isBroken)
    report.warn('The flag document in the store is broken: the rollback replaces it, and its other flags are lost.');
  report.field('issuance', `all logins switch back to the legacy audience (now ${document.issuance.percent}% target)`);

  const reopened = document.acceptance === 'target' ? await reopenFirst(tools) : undefined;
  const decision = await decideOnceSafe(tools);
  const facts = {
    migration: plan.migration,
    requestedAt,
    from: { percent: document.issuance.percent, acceptance: document.acceptance },
    reopened: reopened === undefined ? null : changeJson(plan, reopened),
  };
  if (!decision.allowed) {
    printRefusals(report, decision.refusals);
    report.warn(
      'Logins are unchanged. Find the API instances that are behind with crossfade status, then run crossfade rollback again.',
    );
    return {
      exitCode: EXIT.refused,
      json: { ...facts, outcome: 'refused', refusals: refusalsJson(decision.refusals) },
    };
  }
  const written = await setIssuanceBack(tools);
  printChange(report, plan, written);
  const exitCode = exitCodeOf(written);
  const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
  return { exitCode, json: { ...facts, outcome, ...changeJson(plan, written) } };
}

/** Reads the document. A broken one does not say what the APIs hold, so the fleet must show that they accept legacy. */
async function readLeniently({ writer, invocation }: ChangeTools): Promise<StoredPosition & { isBroken: boolean }> {
  const stored = await writer.read();
  const result = parseFlagDocument(stored.text);
  if (result.ok) return { stored, document: result.document, isBroken: false };
  return { stored, document: { ...DEFAULT_FLAG_DOCUMENT, acceptanceSinceMs: invocation.now() }, isBroken: true };
}

async function reopenFirst(tools: ChangeTools): Promise<WrittenChange> {
  const { report } = tools.invocation;
  report.print('The legacy audience is closed: reopening it first, so that no login gets a token that APIs reject.');
  const { document } = await readLeniently(tools);
  const receipt = await writeUrgently(tools, { acceptance: 'both' });
  const written = await confirmChange(tools, receipt, { acceptance: 'both' }, document.issuance.percent);
  printChange(report, tools.plan, written);
  return written;
}

/** Reads the fleet only if a guard needs it: a rollback must not wait for meters that are down. */
async function decideOnceSafe(tools: ChangeTools): Promise<Decision> {
  const { plan, fleet, invocation } = tools;
  const { document } = await readLeniently(tools);
  const decide = (snapshot = EMPTY_FLEET) =>
    decideMove({ verb: 'rollback' }, situationOf(document, snapshot, plan, invocation.now()));
  let decision = decide();
  if (decision.allowed) return decision;
  await waitForFleet(
    fleet,
    convergenceTimeoutMs(plan, fleet),
    (snapshot) => {
      decision = decide(snapshot);
      if (decision.allowed) return [];
      return [...snapshot.missing, ...decision.refusals.map(({ guard, detail }) => ({ meter: guard, why: detail }))];
    },
    invocation,
  );
  return decision;
}

/** Writes the rollback. If a running close completed just before the write, reopens the APIs at once. */
async function setIssuanceBack(tools: ChangeTools): Promise<WrittenChange> {
  const change = { issuance: { percent: 0 } };
  const receipt = await writeUrgently(tools, change);
  const { document } = await readLeniently(tools);
  if (document.acceptance === 'target') {
    tools.invocation.report.warn('A close completed in the meantime: reopening the legacy audience.');
    await writeUrgently(tools, { acceptance: 'both' });
  }
  return confirmChange(tools, receipt, change, 0);
}

/** Writes with priority over a running deployment, and retries once if another writer interferes. */
async function writeUrgently(tools: ChangeTools, change: SwitchChange): Promise<WriteReceipt> {
  const { writer, invocation } = tools;
  try {
    return await writer.write(change, (await readLeniently(tools)).stored, 'emergency');
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    invocation.report.warn(`Another writer is changing the flags (${error.message}): trying once more.`);
    return writer.write(change, (await readLeniently(tools)).stored, 'emergency');
  }
}
