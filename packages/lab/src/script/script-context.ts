import { setTimeout as delay } from 'node:timers/promises';
import type { Phase } from '@crossfade/core';
import { readStatus, type SidecarStatus } from '../environment/sidecar-status.ts';
import type { Lab } from '../lab.ts';
import { waitFor } from '../ledger/wait-for.ts';
import type { Moment, Report } from '../output/report.ts';
import type { View } from '../output/view.ts';
import type { CommandResult, Operator } from './operator.ts';

/** All that a step of the script works with. */
export interface Stage {
  readonly lab: Lab;
  readonly operator: Operator;
  readonly report: Report;
  readonly view: View;
  readonly signal: AbortSignal;
}

/** How long anything that should take a few polls may take. */
const PATIENCE_MS = 30_000;

/** Lets traffic flow for the usual while. */
export async function flow({ lab, signal }: Stage): Promise<void> {
  await delay(lab.tempo.holdMs, undefined, { signal });
}

/** Runs a command that must succeed. */
export async function command({ operator }: Stage, ...argv: readonly string[]): Promise<CommandResult> {
  const result = await operator.run(...argv);
  if (result.exitCode !== 0) throw new Error(`crossfade ${argv[0]} ended with ${result.exitCode}`);
  return result;
}

/** Waits until every sidecar shows something. */
export async function sidecarsShow(
  { lab, signal }: Stage,
  what: string,
  shows: (status: SidecarStatus) => boolean,
): Promise<void> {
  await waitFor(
    `every sidecar to show ${what}`,
    PATIENCE_MS,
    async () => {
      const answers = await Promise.all(lab.sidecars.map(({ adminUrl }) => readStatus(adminUrl)));
      return answers.every((status) => status !== undefined && shows(status));
    },
    signal,
  );
}

/** Waits until those who decide what a login asks for decide by `percent`. */
export async function loginsFollow({ lab, signal }: Stage, percent: number): Promise<void> {
  const follow = () => lab.loginFlags.every((flags) => flags.snapshot().document.issuance.percent === percent);
  await waitFor(`logins to follow to ${percent}%`, PATIENCE_MS, follow, signal);
}

/**
 * Waits until every sidecar shows the phase, and notes that it began at `since`: when the move was made, because clients
 * follow the flags without waiting for sidecars.
 */
export async function enterPhase(stage: Stage, phase: Phase, since?: Moment): Promise<void> {
  await sidecarsShow(stage, `phase ${phase}`, (status) => status.phase === phase);
  stage.view.phase(phase);
  if (stage.report.phase() !== phase) stage.report.enter(phase, since ?? stage.report.moment());
}

/** Waits until each API instance, through what is in front of it or not, answers a real token with `status`. */
export async function instancesAnswer(
  { lab, signal }: Stage,
  urls: readonly string[],
  side: 'legacy' | 'target',
  status: number,
): Promise<void> {
  for (const url of urls) {
    const answers = async () => (await lab.probe.ask(url, side)) === status;
    await waitFor(`${url} to answer a ${side} token ${status}`, PATIENCE_MS, answers, signal);
  }
}
