import type { ObservedAcceptance } from '@crossfade/core';
import type { Senders } from './senders.ts';

/** What the judging processes say that they let in. */
export interface ReportedAcceptance {
  /** Of the process that is least far on the way from `legacy` to `both` to `target`. */
  readonly acceptance: ObservedAcceptance;
  /** All of them take legacy tokens. */
  readonly legacy: boolean;
  /** All of them take target tokens. */
  readonly target: boolean;
}

/** `undefined` while nobody reports. A silent process counts by its last word. */
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
