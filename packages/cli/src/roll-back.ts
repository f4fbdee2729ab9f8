import {
  ConflictError,
  DEFAULT_FLAG_DOCUMENT,
  type Decision,
  decideMove,
  type FlagWriter,
  parseFlagDocument,
  type SwitchChange,
} from '@crossfade/core';
import { type ChangeTools, changeJson, exitCodeOf, sayChange, type WrittenChange, writeChange } from './change.ts';
import { waitBoundMs, waitForFleet } from './convergence.ts';
import { sayRefusals } from './decision-report.ts';
import { EXIT } from './exit-code.ts';
import type { StoredPosition } from './flag-position.ts';
import { NO_METERS } from './fleet/fleet.ts';
import { isoTime } from './moment.ts';
import type { Report } from './report.ts';
import { situationOf } from './situation.ts';
import type { VerbResult } from './verb.ts';

/** How often a rollback takes up the fight with somebody else who writes. */
const ATTEMPTS = 4;

/**
 * Sets issuance back to legacy, and writes even when it stands there already: a deployment under way could bring it
 * back, and is stopped by the write. Where core refuses (the legacy audience is closed, or was), opens it first and
 * waits for the fleet to show it.
 */
export async function rollBack(tools: ChangeTools): Promise<VerbResult> {
  const { plan, invocation } = tools;
  const { report, now } = invocation;
  const requestedAt = isoTime(now());
  const before = await readLeniently(tools.writer, report, now());
  report.say(report.paint('bold', `${plan.migration}: rollback`));
  report.field(
    'issuance',
    `every login asks for the legacy audience (now ${before.document.issuance.percent}% target)`,
  );

  const reopened = before.document.acceptance === 'target' ? await reopenFirst(tools) : undefined;
  const decision = await decideOnceSafe(tools);
  const facts = {
    migration: plan.migration,
    requestedAt,
    from: { percent: before.document.issuance.percent, acceptance: before.document.acceptance },
    reopened: reopened === undefined ? null : changeJson(plan, reopened),
  };
  if (!decision.allowed) {
    sayRefusals(report, decision.refusals);
    report.warn('Logins were left as they are. See which API instances are behind (crossfade status), then repeat.');
    return { exitCode: EXIT.refused, json: { ...facts, outcome: 'refused', refusals: decision.refusals } };
  }
  const written = await writeInSpiteOfConflicts(tools, { issuance: { percent: 0 } });
  sayChange(report, plan, written);
  const exitCode = exitCodeOf(written);
  const outcome = exitCode === EXIT.done ? 'done' : 'unconfirmed';
  return { exitCode, json: { ...facts, outcome, ...changeJson(plan, written) } };
}

/** A document that can't be read says nothing of what the APIs hold, so the fleet must show that they accept legacy. */
async function readLeniently(writer: FlagWriter, report: Report, nowMs: number): Promise<StoredPosition> {
  const stored = await writer.read();
  const result = parseFlagDocument(stored.text);
  if (result.ok) return { stored, document: result.document };
  report.warn('The flag document in the store is broken. The rollback replaces it; other flags in it are lost.');
  return { stored, document: { ...DEFAULT_FLAG_DOCUMENT, acceptanceSinceMs: nowMs } };
}

async function reopenFirst(tools: ChangeTools): Promise<WrittenChange> {
  const { report } = tools.invocation;
  report.say('The legacy audience is closed: it is reopened first, so that no login gets a token that is refused.');
  const written = await writeInSpiteOfConflicts(tools, { acceptance: 'both' });
  sayChange(report, tools.plan, written);
  return written;
}

/** Without a guard that asks the fleet, no meter is asked: a rollback must not wait for meters that are down. */
async function decideOnceSafe({ plan, writer, fleet, invocation }: ChangeTools): Promise<Decision> {
  const { report, now } = invocation;
  const { document } = await readLeniently(writer, report, now());
  const decide = (look = NO_METERS) => decideMove({ verb: 'rollback' }, situationOf(document, look, plan, now()));
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

async function writeInSpiteOfConflicts(tools: ChangeTools, change: SwitchChange): Promise<WrittenChange> {
  for (let attempt = 1; ; attempt++) {
    const position = await readLeniently(tools.writer, tools.invocation.report, tools.invocation.now());
    try {
      return await writeChange(tools, position, change, 'emergency');
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
      tools.invocation.report.warn(`Somebody else is changing the flags too (${error.message}): trying again`);
    }
  }
}
