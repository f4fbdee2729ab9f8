import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '@crossfade/core';
import type { Lab } from '@crossfade/lab';
import { runCrossfade } from './crossfade-command.ts';

/** How one of the operator's moves ended. */
export interface Move {
  readonly move: string;
  /** The commands, with their exit codes and how long each took. */
  readonly commands: readonly { readonly verb: string; readonly exitCode: number; readonly durationMs: number }[];
  readonly succeeded: boolean;
  /** From the request until every part of the fleet followed; `null` when there is nothing to follow. */
  readonly convergedMs: number | null;
  /** What the last command printed. */
  readonly output: string;
}

const CONVERGE_TIMEOUT_MS = 60_000;
const POLL_EVERY_MS = 50;
/** On a busy machine, what a probe showed can be older than `gate.silence` when `advance` reads it. */
const ADVANCE_ATTEMPTS = 3;
const SHOW_EVERY_MS = 500;

export const MOVES: Readonly<Record<string, (lab: Lab) => Promise<Move>>> = {
  advance: (lab) => advanceTo(lab, 100),
  rollback: (lab) => make(lab, 'rollback', [['rollback']], () => issuanceIs(lab, 0)),
  'close-too-early': async (lab) => {
    const move = await make(lab, 'close-too-early', [closeCommand(lab)]);
    // The gate must refuse while legacy tokens are in use.
    return { ...move, succeeded: move.commands[0]?.exitCode === 1 || move.commands[0]?.exitCode === 4 };
  },
  close: (lab) =>
    // On a busy machine the load may end before the close is made, and the gate demands target traffic.
    whileShowingTarget(lab, () => waitAndClose(lab)),
};

async function waitAndClose(lab: Lab): Promise<Move> {
  const waited = await make(lab, 'close', [['gate', '--wait', '--timeout', '90s']]);
  if (!waited.succeeded) return waited;
  const closed = await closeWithLateClients(lab);
  return { ...closed, commands: [...waited.commands, ...closed.commands] };
}

/** Each sidecar sees target tokens during the work. */
async function whileShowingTarget(lab: Lab, work: () => Promise<Move>): Promise<Move> {
  const timer = setInterval(() => void show(lab, 'target'), SHOW_EVERY_MS);
  return work().finally(() => clearInterval(timer));
}

/** Once the APIs refuse legacy, late clients come: before that, they would rightly hold up the close. */
async function closeWithLateClients(lab: Lab): Promise<Move> {
  let late: NodeJS.Timeout | undefined;
  const followed = async (): Promise<boolean> => {
    if (!(await apisRefuseLegacy(lab))) return false;
    late = setInterval(() => void show(lab, 'legacy'), SHOW_EVERY_MS);
    return true;
  };
  return make(lab, 'close', [closeCommand(lab)], followed).finally(() => clearInterval(late));
}

/** Moves issuance to `percent`, while each sidecar sees target tokens: `advance` demands that the fleet shows to take them. */
export async function advanceTo(lab: Lab, percent: number): Promise<Move> {
  for (let attempt = 1; ; attempt += 1) {
    await show(lab, 'target');
    const argv = ['advance', '--to', String(percent), '--yes'];
    const move = await whileShowingTarget(lab, () => make(lab, 'advance', [argv], () => issuanceIs(lab, percent)));
    if (move.succeeded || attempt === ADVANCE_ATTEMPTS) return move;
  }
}

/** Runs commands until one fails, and watches from their start until `followed`. */
async function make(
  lab: Lab,
  name: string,
  commands: readonly (readonly string[])[],
  followed?: () => Promise<boolean>,
): Promise<Move> {
  const startedAtMs = performance.now();
  const ending = new AbortController();
  const following = followed === undefined ? null : untilFollowed(followed, startedAtMs, ending.signal);
  const results: Move['commands'][number][] = [];
  let output = '';
  for (const argv of commands) {
    const { exitCode, durationMs, output: printed } = await runCrossfade(lab.planPath, ...argv);
    results.push({ verb: argv[0] ?? '', exitCode, durationMs: Math.round(durationMs) });
    output = printed;
    if (exitCode !== 0) break;
  }
  const ran = results.every(({ exitCode }) => exitCode === 0);
  if (!ran) ending.abort();
  const convergedMs = await following;
  const succeeded = ran && (followed === undefined || convergedMs !== null);
  return { move: name, commands: results, succeeded, convergedMs, output: output.trim() };
}

async function untilFollowed(
  followed: () => Promise<boolean>,
  startedAtMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  while (!signal.aborted && performance.now() - startedAtMs < CONVERGE_TIMEOUT_MS) {
    if (await followed()) return Math.round(performance.now() - startedAtMs);
    await delay(POLL_EVERY_MS);
  }
  return null;
}

/** Every sidecar, and each source that logins read, follows the issuance flag. */
async function issuanceIs(lab: Lab, percent: number): Promise<boolean> {
  if (!lab.loginFlags.every((flags) => flags.snapshot().document.issuance.percent === percent)) return false;
  const shown = await Promise.all(lab.sidecars.map(({ adminUrl }) => issuancePercent(adminUrl)));
  return shown.every((one) => one === percent);
}

async function issuancePercent(adminUrl: string): Promise<number | undefined> {
  const response = await fetch(`${adminUrl}/status`);
  const { issuance } = (await response.json()) as { readonly issuance: { readonly percent: number } };
  return issuance.percent;
}

/** Every API instance rejects a legacy token that the identity provider has just minted. Sidecars do not see it. */
async function apisRefuseLegacy({ probe, instanceUrls }: Lab): Promise<boolean> {
  const statuses = await Promise.all(instanceUrls.map((url) => probe.request(url, 'legacy')));
  return statuses.every((status) => status === 401);
}

/** Sends each sidecar a real token. */
async function show({ probe, sidecars }: Lab, side: Side): Promise<void> {
  await Promise.allSettled(sidecars.map(({ dataUrl }) => probe.request(dataUrl, side)));
}

function closeCommand({ plan }: Lab): string[] {
  return ['close', '--yes', '--legacy', plan.legacy.audience ?? ''];
}
