import {
  type DrainCheck,
  type DrainVerdict,
  describeEarliestPass,
  describeMinting,
  formatInstant,
  type Minting,
  mintedForLegacy,
  type Refusal,
  RUNBOOK_OF_CHECK,
  RUNBOOK_OF_GUARD,
  type RunbookName,
  type Verdict,
} from '@crossfade/core';
import { disagreementsIn } from '../fleet/drain-evidence.ts';
import type { FleetSnapshot } from '../fleet/fleet.ts';
import type { DisagreementsJson, DrainJson, MintingJson, RefusalsJson, WatchJson } from '../json/parts.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Report, Style } from '../verb/report.ts';

const VERDICT_STYLE: Readonly<Record<Verdict, Style>> = { pass: 'green', fail: 'red', inconclusive: 'yellow' };
const VERDICT_EXIT: Readonly<Record<Verdict, ExitCode>> = {
  pass: EXIT.done,
  fail: EXIT.refused,
  inconclusive: EXIT.inconclusive,
};

export function exitCodeOfVerdict(verdict: Verdict): ExitCode {
  return VERDICT_EXIT[verdict];
}

/** Prints every check of the drain gate with its reason, what else there is to know, and when the gate could pass. */
export function printDrain(report: Report, drain: DrainVerdict, nowMs: number): void {
  const { checks, verdict, earliestPassMs } = drain;
  for (const check of checks)
    report.field(check.verdict, `${check.name}: ${check.detail}`, VERDICT_STYLE[check.verdict]);
  printNotes(report, drain);
  if (verdict === 'pass') return;
  report.field('earliest pass', describeEarliestPass(earliestPassMs, nowMs));
  printRunbooks(
    report,
    checks.filter((check) => check.verdict !== 'pass').map(({ name }) => RUNBOOK_OF_CHECK[name]),
  );
}

/** Names the procedures to read on, each once. */
function printRunbooks(report: Report, names: readonly RunbookName[]): void {
  for (const name of new Set(names)) report.field('read on', `crossfade runbook ${name}`);
}

/** Prints what the operator should know and what changes no verdict. */
export function printNotes(report: Report, { notes = [] }: DrainVerdict): void {
  for (const note of notes) report.field('note', note, 'yellow');
}

/** Prints, in any phase, that the API accepts tokens that the plan refuses; nothing if it does not. */
export function printDisagreements(report: Report, { checks }: DrainVerdict): void {
  const check = checks.find(({ name }) => name === 'disagreements');
  if (check === undefined || check.verdict === 'pass') return;
  report.field('disagreements', check.detail, VERDICT_STYLE[check.verdict]);
}

/** Prints, in any phase, what the provider mints for clients that choose target, or that it is unknown. */
export function printMinting(report: Report, minting: Minting | undefined): void {
  if (minting === undefined) return;
  const isWrong = mintedForLegacy(minting) > 0;
  report.field('minting', describeMinting(minting), ...(isWrong ? (['red'] as const) : []));
}

/** Returns what the provider mints as `--json` prints it; `null` where no metrics tell. */
export function mintingJson(minting: Minting | undefined): MintingJson {
  if (minting?.kind !== 'counted') return null;
  const { windowMs, target, unknown, legacy } = minting;
  return {
    windowSeconds: Math.round(windowMs / 1000),
    target,
    unknown,
    legacy: mintedForLegacy(minting),
    services: legacy,
  };
}

/** Returns the disagreements of all meters as `--json` prints them. */
export function disagreementsJson({ drain }: Pick<FleetSnapshot, 'drain'>): DisagreementsJson {
  const { reasons, lastVerifiedMs, lastUnverifiedMs, unknown } = disagreementsIn(drain);
  return {
    reasons,
    lastVerifiedAt: formatInstant(lastVerifiedMs),
    lastUnverifiedAt: formatInstant(lastUnverifiedMs),
    unknown,
  };
}

/** Returns what recording rules know of the watch as `--json` prints it; `null` where sidecars are asked. */
export function watchJson({ drain }: Pick<FleetSnapshot, 'drain'>): WatchJson {
  if (drain.kind === 'metered') return null;
  const { watchedSinceMs, rules, unwatchedShare, debtMs, losses, services, moreServices } = drain.recorded;
  return {
    since: formatInstant(watchedSinceMs),
    evaluatedAt: 'evaluatedMs' in rules ? formatInstant(rules.evaluatedMs) : null,
    unwatchedShare,
    debtSeconds: debtMs === null ? null : debtMs / 1000,
    losses,
    services: services.map(({ service, expected, watched, blind, targetLastSeenMs }) => ({
      service,
      expected,
      watched,
      withoutTarget: blind,
      targetLastSeenAt: formatInstant(targetLastSeenMs ?? null),
    })),
    moreServices,
  };
}

/** Returns the verdict as `--json` prints it. */
export function drainJson({ verdict, checks, earliestPassMs, notes = [] }: DrainVerdict): DrainJson {
  const json = ({ name, verdict: ofCheck, detail }: DrainCheck) => ({
    name,
    verdict: ofCheck,
    detail,
    runbook: RUNBOOK_OF_CHECK[name],
  });
  return { verdict, checks: checks.map(json), earliestPassAt: formatInstant(earliestPassMs), notes };
}

export function printRefusals(report: Report, refusals: readonly Refusal[]): void {
  for (const { guard, detail } of refusals) report.field('refused', `${guard}: ${detail}`, 'red');
  printRunbooks(
    report,
    refusals.map(({ guard }) => RUNBOOK_OF_GUARD[guard]),
  );
}

/** Returns refusals as `--json` prints them. */
export function refusalsJson(refusals: readonly Refusal[]): RefusalsJson {
  return refusals.map((refusal) => ({ ...refusal, runbook: RUNBOOK_OF_GUARD[refusal.guard] }));
}

/** Prints every meter without a usable response: each one may hide legacy tokens. */
export function printMissing(report: Report, { missing }: FleetSnapshot): void {
  for (const { meter, why } of missing) report.field('missing', `${meter}: ${why}`, 'yellow');
}
