import type { RunbookName } from '@crossfade/core';
import type { FleetShown, InstanceFlags, InstanceShown, MixShown } from './fleet-state.ts';
import { formatCount, formatShare } from './labels.ts';
import { isRecent } from './state-labels.ts';

/** Where the fleet was read. */
const SOURCE_LABELS: Readonly<Record<FleetShown['source'], string>> = {
  prometheus: 'as Prometheus has it',
  sidecars: 'as each sidecar tells',
  alone: 'this sidecar alone: the plan names no others (gate.sidecars, gate.prometheus)',
};

export function describeSource({ source, known, instances }: FleetShown): string {
  if (known <= instances.length) return SOURCE_LABELS[source];
  if (instances.length === 0) return `none of ${formatCount(known)} needs attention, ${SOURCE_LABELS[source]}`;
  return `${formatCount(instances.length)} of ${formatCount(known)} named, those that need attention first, ${SOURCE_LABELS[source]}`;
}

/** Describes the fleet in a line: how many were asked, and what is wrong now. */
export function describeFleet(fleet: FleetShown, nowMs: number): string {
  const { source, problem, apart, faults } = fleet;
  if (source === 'alone') return 'this sidecar alone';
  if (problem !== null) return `unknown: ${source === 'prometheus' ? 'Prometheus' : 'the fleet'} ${problem}`;
  const refusing = faults.refuses_valid_tokens;
  const taking = faults.takes_closed_legacy;
  const findings = [
    refusing > 0 && `${formatCount(refusing)} ${refusing === 1 ? 'refuses' : 'refuse'} valid tokens`,
    refusing === 0 && isRecent(fleet.sums.lastUnauthorizedAt, nowMs) && 'valid tokens got 401 lately',
    taking > 0 && `${formatCount(taking)} ${taking === 1 ? 'takes' : 'take'} legacy after the close`,
    apart > 0 && `${formatCount(apart)} with other flags`,
  ].filter((finding) => finding !== false);
  return `${describeAsked(fleet)}${findings.length === 0 ? ', all with the same flags' : `: ${findings.join(', ')}`}`;
}

function describeAsked({ source, expected, responding }: FleetShown): string {
  const verb = source === 'prometheus' ? 'Prometheus scrapes' : 'asked';
  if (expected === null) return `${verb} ${formatCount(responding)} instances, of an unknown number`;
  return `${verb} ${formatCount(responding)} of ${formatCount(expected)} instances`;
}

/** Judges the fleet as it is now: `bad` for what is wrong, `warn` for what is unknown or not yet equal. */
export function stateOfFleet(fleet: FleetShown, nowMs: number): 'good' | 'warn' | 'bad' {
  const { problem, expected, responding, apart, otherStore, faults, sums } = fleet;
  if (problem !== null) return 'warn';
  const isMissing = expected !== null && responding < expected;
  const isWrong = faults.refuses_valid_tokens + faults.takes_closed_legacy + otherStore > 0;
  if (isMissing || isWrong || isRecent(sums.lastUnauthorizedAt, nowMs)) return 'bad';
  return apart > 0 ? 'warn' : 'good';
}

/** The procedure for what is most wrong in the fleet; `undefined` while nothing is. */
export function runbookOfFleet(fleet: FleetShown, nowMs: number): RunbookName | undefined {
  const { source, faults, apart, problem } = fleet;
  const state = stateOfFleet(fleet, nowMs);
  if (state === 'good' || source === 'alone') return undefined;
  if (problem !== null) return 'sidecar-down';
  if (faults.refuses_valid_tokens > 0 || isRecent(fleet.sums.lastUnauthorizedAt, nowMs)) return 'rejections-rising';
  if (faults.takes_closed_legacy > 0) return 'disagreements';
  return apart > 0 ? 'flag-store-down' : 'sidecar-down';
}

export function describeMix(mix: MixShown | null): string {
  const target = targetShare(mix);
  if (target === null) return mix === null ? 'unknown' : 'no traffic';
  return `${formatShare(target)} target`;
}

/** The share of target tokens, 0..1; `null` without any. */
export function targetShare(mix: MixShown | null): number | null {
  if (mix === null) return null;
  const all = mix.legacy + mix.target + mix.bridge;
  return all === 0 ? null : mix.target / all;
}

export function describeInstancePhase({ phase, percent }: Pick<InstanceShown, 'phase' | 'percent'>): string {
  if (percent === null) return phase ?? 'unknown';
  return `${phase ?? 'unknown'}, ${percent} %`;
}

/** Labels the flags of an instance against those of the others; `undefined` where there is nothing to say. */
export function labelComparison({
  comparison,
  flags,
  problem,
}: Pick<InstanceShown, 'comparison' | 'flags' | 'problem'>):
  | {
      readonly label: string;
      readonly verdict: 'fail' | 'inconclusive' | 'idle';
    }
  | undefined {
  if (comparison === 'other_store') return { label: 'another store', verdict: 'fail' };
  if (comparison === 'other_document') return { label: 'differs', verdict: 'inconclusive' };
  if (problem !== null || flags === null) return undefined;
  if (flags.stale) return { label: 'stale', verdict: 'inconclusive' };
  return comparison === 'equal' ? { label: 'equal', verdict: 'idle' } : { label: 'not compared', verdict: 'idle' };
}

export function describeInstanceFlags(flags: InstanceFlags | null): string {
  return flags === null ? 'unknown' : `revision ${flags.revision ?? 'unknown'}`;
}
