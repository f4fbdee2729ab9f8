import { setTimeout as delay } from 'node:timers/promises';
import type { Phase } from '@crossfade/core';
import type { Lab } from '../environment/lab.ts';
import { readStatus, type SidecarStatus } from '../environment/sidecar-status.ts';
import { waitFor } from '../environment/wait-for.ts';
import type { Moment } from '../ledger/ledger.ts';
import type { Report } from '../ledger/report.ts';
import type { View } from '../output/view.ts';
import type { CommandResult, Operator } from './operator.ts';

/** What the steps of the script use. */
export interface ScriptContext {
  readonly lab: Lab;
  readonly operator: Operator;
  readonly report: Report;
  readonly view: View;
  readonly signal: AbortSignal;
}

/** The timeout of waits that normally take a few polls. */
const TIMEOUT_MS = 30_000;

/** Lets traffic flow for the time between two steps. */
export async function letTrafficFlow({ lab, signal }: ScriptContext): Promise<void> {
  await delay(lab.timing.holdMs, undefined, { signal });
}

/** Runs a command that must succeed. */
export async function runCommand({ operator }: ScriptContext, ...argv: readonly string[]): Promise<CommandResult> {
  const result = await operator.run(...argv);
  if (result.exitCode !== 0) throw new Error(`crossfade ${argv[0]} must exit 0, but exited ${result.exitCode}`);
  return result;
}

/** Waits until the status of every sidecar meets a condition. */
export async function waitForSidecars(
  { lab, signal }: ScriptContext,
  what: string,
  shows: (status: SidecarStatus) => boolean,
): Promise<void> {
  await waitFor(
    `every sidecar to show ${what}`,
    TIMEOUT_MS,
    async () => {
      const statuses = await Promise.all(lab.sidecars.map(({ adminUrl }) => readStatus(adminUrl)));
      return statuses.every((status) => status !== undefined && shows(status));
    },
    signal,
  );
}

/** Waits until the web application and the machines split logins by `percent`. */
export async function waitForLogins({ lab, signal }: ScriptContext, percent: number): Promise<void> {
  const follow = () => lab.loginFlags.every((flags) => flags.snapshot().document.issuance.percent === percent);
  await waitFor(`logins to follow to ${percent}%`, TIMEOUT_MS, follow, signal);
}

/**
 * Waits until every sidecar shows the phase, and records that it began at `since`, the time of the move: clients follow
 * the flags without waiting for sidecars.
 */
export async function enterPhase(context: ScriptContext, phase: Phase, since?: Moment): Promise<void> {
  await waitForSidecars(context, `phase ${phase}`, (status) => status.phase === phase);
  context.view.phase(phase);
  if (context.report.phase() !== phase) context.report.enter(phase, since ?? context.report.moment());
}

/** Waits until every URL responds to a real token with `status`; the URLs are those of API instances or their sidecars. */
export async function waitForInstances(
  { lab, signal }: ScriptContext,
  urls: readonly string[],
  side: 'legacy' | 'target',
  status: number,
): Promise<void> {
  for (const url of urls) {
    const responds = async () => (await lab.probe.request(url, side)) === status;
    await waitFor(`${url} to respond ${status} to a ${side} token`, TIMEOUT_MS, responds, signal);
  }
}
