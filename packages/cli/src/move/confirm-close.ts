import { formatDuration, UnavailableError } from '@crossfade/core';
import { readStoredPosition } from '../flag-store/flag-position.ts';
import type { FleetSnapshot } from '../fleet/fleet.ts';
import { countRefusingLegacy, pollIntervalMs, stillTakingLegacy } from '../fleet/fleet-evidence.ts';
import { missingCount, respondingCount } from '../fleet/fleet-size.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { ChangeTools } from './change.ts';
import { waitForFleet } from './convergence.ts';

const MARGIN_MS = 1000;

/** What the APIs did with legacy tokens after a close. */
export interface CloseProof {
  readonly exitCode: ExitCode;
  /** The instances whose API still took one, after its flags had arrived. */
  readonly stillTaking: readonly string[];
}

/**
 * Looks whether an API still takes legacy tokens after a close: one without the acceptance switch never follows it.
 * @param sinceMs how long ago the close was written, in ms: the flags get one poll interval to arrive.
 */
export async function confirmClose(tools: ChangeTools, sinceMs: number): Promise<CloseProof> {
  const { plan, fleet, writer, invocation } = tools;
  const { report, now } = invocation;
  const arrivesMs = Math.max(0, pollIntervalMs(plan) - sinceMs);
  const startedMs = performance.now();
  const isEarly = () => performance.now() - startedMs < arrivesMs;
  const waiting = [{ meter: 'the APIs', why: `their flags may take ${formatDuration(pollIntervalMs(plan))}` }];
  if (arrivesMs > 0)
    await waitForFleet(
      fleet,
      { timeoutMs: arrivesMs + MARGIN_MS, frame: { parts: [] }, pendingIn: () => (isEarly() ? waiting : []) },
      invocation,
    );
  try {
    const { document } = await readStoredPosition(writer);
    const snapshot = await fleet?.read(now(), { document, parts: ['legacy'] });
    const frame = { document, plan, nowMs: now() };
    const stillTaking = snapshot === undefined ? [] : stillTakingLegacy(snapshot, frame);
    for (const meter of stillTaking)
      report.field(
        'still taken',
        `${meter}: its API took a legacy token after the close: give its validator acceptanceSwitch(flags), or reopen (crossfade reopen)`,
        'red',
      );
    const unread = snapshot === undefined ? undefined : describeUnread(snapshot);
    if (unread !== undefined) report.field('unconfirmed', `whether all APIs refuse legacy: ${unread}`, 'yellow');
    if (snapshot !== undefined && stillTaking.length === 0 && respondingCount(snapshot) > 0) {
      const refusing = countRefusingLegacy(snapshot, frame);
      const text =
        refusing === 0
          ? 'none took a legacy token since, but no API is known to refuse one: none has come to prove it'
          : `${refusing} of ${respondingCount(snapshot)} APIs are known to refuse legacy tokens, and none took one since`;
      report.field('proof', text);
    }
    if (stillTaking.length > 0) report.field('read on', 'crossfade runbook disagreements');
    const isProven = stillTaking.length === 0 && unread === undefined;
    return { exitCode: isProven ? EXIT.done : EXIT.inconclusive, stillTaking };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    report.field('unconfirmed', `whether the APIs refuse legacy: ${error.message}`, 'yellow');
    return { exitCode: EXIT.inconclusive, stillTaking: [] };
  }
}

/** Says of how many meters nothing is known; `undefined` if all were read. */
function describeUnread(snapshot: FleetSnapshot): string | undefined {
  const { expected } = snapshot;
  const responding = respondingCount(snapshot);
  const all = Math.max(expected ?? 0, responding + missingCount(snapshot));
  if (expected !== null && responding >= all) return undefined;
  return `${responding} of ${expected === null ? 'an unknown number of' : all} meters could be read`;
}
