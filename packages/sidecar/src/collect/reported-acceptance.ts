import type { ObservedAcceptance } from '@crossfade/core';
import type { Senders } from './senders.ts';

/** What the judging processes report to accept. */
export interface ReportedAcceptance {
  /** The acceptance of the process that is least far on the way from `legacy` to `both` to `target`. */
  readonly acceptance: ObservedAcceptance;
  /** Whether all of them accept legacy tokens. */
  readonly legacy: boolean;
  /** Whether all of them accept target tokens. */
  readonly target: boolean;
}

/** Sums up what the senders report; `undefined` while no process reports. A silent process counts by its last report. */
export function reportedAcceptance(senders: Pick<Senders, 'list'>): ReportedAcceptance | undefined {
  const reported = senders
    .list()
    .filter(({ state }) => state === 'live' || state === 'silent')
    .map(({ acceptance }) => acceptance);
  if (reported.length === 0) return undefined;
  const target = reported.every((acceptance) => acceptance !== 'legacy');
  const isOpen = reported.some((acceptance) => acceptance !== 'target');
  const openTo = isOpen ? 'both' : 'target';
  return {
    acceptance: target ? openTo : 'legacy',
    legacy: reported.every((acceptance) => acceptance !== 'target'),
    target,
  };
}
