import type { RunbookName } from '@crossfade/core';
import type { Examination } from '../doctor/examine.ts';
import type { Refusals } from './refusals.ts';

/** What the items are judged by. */
export interface ChecklistEvidence extends Examination {
  /** `undefined` where no sidecar can be asked. */
  readonly refusals: Refusals | undefined;
}

/** `unknown`: it cannot be known from here; the remedy says how to know. */
export type ItemVerdict = 'pass' | 'fail' | 'n/a' | 'unknown';

/** How an item was judged. */
export interface ItemOutcome {
  readonly verdict: ItemVerdict;
  /** What was seen, or why nothing can be. */
  readonly detail: string;
  /** What to do, or how to know; absent on a pass and where it does not apply. */
  readonly remedy?: string;
}

/** A rule of the literature to check before production. */
export interface ChecklistItem {
  readonly area: 'client' | 'api' | 'storage' | 'issuer';
  /** Its name in JSON. */
  readonly item: string;
  /** The documents that demand it, with their sections. */
  readonly source: string;
  /** `should` where the literature allows exceptions. */
  readonly level: 'must' | 'should';
  /** What is demanded. */
  readonly what: string;
  /** What an attacker, or an accident, makes of its absence. */
  readonly why: string;
  readonly runbook: RunbookName;
  readonly judge: (evidence: ChecklistEvidence) => ItemOutcome;
}

export function passes(detail: string): ItemOutcome {
  return { verdict: 'pass', detail };
}

export function fails(detail: string, remedy: string): ItemOutcome {
  return { verdict: 'fail', detail, remedy };
}

export function inapplicable(detail: string): ItemOutcome {
  return { verdict: 'n/a', detail };
}

/** @param how to know. */
export function unknowable(detail: string, how: string): ItemOutcome {
  return { verdict: 'unknown', detail, remedy: how };
}
