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
import { NO_METERS } from '../fleet/fleet.ts';
import { sayRefusals } from '../output/decision-report.ts';
import { situationOf } from '../output/situation.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { VerbResult } from '../verb/verb.ts';
import { type ChangeTools, changeJson, confirmChange, exitCodeOf, sayChange, type WrittenChange } from './change.ts';
import { waitBoundMs, waitForFleet } from './convergence.ts';

/**
 * Sets issuance back to legacy, and writes even when it stands there already: a deployment under way could bring it
 * back, and is stopped by the write. Where core refuses (the legacy audience is closed, or was), opens it first and
 * waits for the fleet to show it.
 */
export async function rollBack(tools: ChangeTools): Promise<VerbResult> {
  const { plan, invocation } = tools;
  const { report, now } = invocation;
  const requestedAt = formatInstant(now());
  const { document, isBroken } = await readLeniently(tools);
  report.say(report.paint('bold', `${plan.migration}: rollback`));
  if (isBroken)
    report.warn('The flag document in the store is broken. A rollback replaces it; other flags in it are lost.');
  report.field('issuance', `every login asks for the legacy audience (now ${document.issuance.percent}% target)`);

  const reopened = document.acceptance === 'target' ? await reopenFirst(tools) : undefined;
  const decision = await decideOnceSafe(tools);
  const facts = {
    migration: plan.migration,
    requestedAt,
    from: { percent: document.issuance.percent, acceptance: document.acceptance },
    reopened: reopened === undefined ? null : changeJson(plan, reopened),
  };
  if (!decision.allowed) {
    sayRefusals(report, decision.refusals);
    report.warn('Logins were left as they are. See which API instances are behind (crossfade status), then repeat.');
    return { exitCode: EXIT.refused, json: { ...facts, outcome: 'refused', refusals: decision.refusals } };
  }
  const written = await setIssuanceBack(tools);
  sayChange(report, plan, written);
  const exitCode = exitCodeOf(written);
  const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
  return { exitCode, json: { ...facts, outcome, ...changeJson(plan, written) } };
}

/** A document that can't be read says nothing of what the APIs hold, so the fleet must show that they accept legacy. */
async function readLeniently({ writer, invocation }: ChangeTools): Promise<StoredPosition & { isBroken: boolean }> {
  const stored = await writer.read();
  const result = parseFlagDocument(stored.text);
  if (result.ok) return { stored, document: result.document, isBroken: false };
  return { stored, document: { ...DEFAULT_FLAG_DOCUMENT, acceptanceSinceMs: invocation.now() }, isBroken: true };
}

async function reopenFirst(tools: ChangeTools): Promise<WrittenChange> {
  const { report } = tools.invocation;
  report.say('The legacy audience is closed: it is reopened first, so that no login gets a token that is refused.');
  const { document } = await readLeniently(tools);
  const receipt = await writeUrgently(tools, { acceptance: 'both' });
  const written = await confirmChange(tools, receipt, { acceptance: 'both' }, document.issuance.percent);
  sayChange(report, tools.plan, written);
  return written;
}

/** Without a guard that asks the fleet, no meter is asked: a rollback must not wait for meters that are down. */
async function decideOnceSafe(tools: ChangeTools): Promise<Decision> {
  const { plan, fleet, invocation } = tools;
  const { document } = await readLeniently(tools);
  const decide = (look = NO_METERS) =>
    decideMove({ verb: 'rollback' }, situationOf(document, look, plan, invocation.now()));
  let decision = decide();
  if (decision.allowed) return decision;
  await waitForFleet(
    fleet,
    waitBoundMs(plan, fleet),
    (look) => {
      decision = decide(look);
      if (decision.allowed) return [];
      return [...look.missing, ...decision.refusals.map(({ guard, detail }) => ({ meter: guard, why: detail }))];
    },
    invocation,
  );
  return decision;
}

/** A close that was being deployed may have come to its end just before the write: then APIs must open again at once. */
async function setIssuanceBack(tools: ChangeTools): Promise<WrittenChange> {
  const change = { issuance: { percent: 0 } };
  const receipt = await writeUrgently(tools, change);
  const { document } = await readLeniently(tools);
  if (document.acceptance === 'target') {
    tools.invocation.report.warn('A close came to its end in the meantime: the legacy audience is reopened');
    await writeUrgently(tools, { acceptance: 'both' });
  }
  return confirmChange(tools, receipt, change, 0);
}

/** An emergency write wins over a deployment; against somebody who writes at the same moment it tries once more. */
async function writeUrgently(tools: ChangeTools, change: SwitchChange): Promise<WriteReceipt> {
  const { writer, invocation } = tools;
  try {
    return await writer.write(change, (await readLeniently(tools)).stored, 'emergency');
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    invocation.report.warn(`Somebody else is changing the flags too (${error.message}): trying again`);
    return writer.write(change, (await readLeniently(tools)).stored, 'emergency');
  }
}
