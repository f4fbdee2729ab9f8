import type { RunbookName } from '@crossfade/core';
import { API_SURFACE_ITEMS } from './api-surface-items.ts';
import { API_TOKEN_ITEMS } from './api-token-items.ts';
import type { ChecklistEvidence, ChecklistItem, ItemOutcome } from './checklist-item.ts';
import { CLIENT_ITEMS } from './client-items.ts';
import { ISSUER_ITEMS } from './issuer-items.ts';
import { STORAGE_ITEMS } from './storage-items.ts';

/** Every rule of the literature on ID tokens and access tokens that `crossfade doctor --list` goes through. */
export const CHECKLIST: readonly ChecklistItem[] = [
  ...CLIENT_ITEMS,
  ...API_TOKEN_ITEMS,
  ...API_SURFACE_ITEMS,
  ...STORAGE_ITEMS,
  ...ISSUER_ITEMS,
];

/** One item of `crossfade doctor --list`, judged. */
export interface CheckedItem extends Omit<ChecklistItem, 'judge'>, ItemOutcome {
  readonly runbook: RunbookName;
}

/** Judges every item by what was asked. */
export function checkItems(evidence: ChecklistEvidence): readonly CheckedItem[] {
  return CHECKLIST.map(({ judge, ...item }) => ({ ...item, ...judge(evidence) }));
}
