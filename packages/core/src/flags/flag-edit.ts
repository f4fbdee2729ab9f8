import { formatInstant } from '../vocabulary/instant.ts';
import {
  ACCEPT_LEGACY_FLAG,
  BROWNOUT_FLAG,
  type Brownout,
  ISSUE_TARGET_FLAG,
  parseFlagDocument,
} from './flag-document.ts';
import type { SwitchChange } from './flag-source.ts';

type JsonObject = Record<string, unknown>;

/**
 * Applies a change of switch positions to the JSON text of a flag document and increments its revision. Keeps every
 * other flag and every attribute that it does not own. Replaces an unreadable document by one that holds the change
 * alone, because an emergency rollback must not fail on the document that it repairs.
 */
export function editFlagDocument(
  text: string,
  change: SwitchChange,
  nowMs: number,
): { readonly text: string; readonly revision: string } {
  const before = parseFlagDocument(text);
  const flags: JsonObject = before.ok ? (JSON.parse(text) as JsonObject) : {};
  const revision = String(nextRevision(flags[ISSUE_TARGET_FLAG] as JsonObject | undefined));
  const since = formatInstant(nowMs);
  const issue = flags[ISSUE_TARGET_FLAG] as JsonObject | undefined;
  flags[ISSUE_TARGET_FLAG] = {
    ...(issue ?? { enabled: false }),
    ...(change.issuance && issuance(change.issuance.percent, since)),
    revision,
  };
  if (change.issuance?.percent === 0) delete (flags[ISSUE_TARGET_FLAG] as JsonObject)['percent'];
  if (change.acceptance !== undefined) {
    const accept = flags[ACCEPT_LEGACY_FLAG] as JsonObject | undefined;
    flags[ACCEPT_LEGACY_FLAG] = { ...accept, enabled: change.acceptance === 'both', since };
  }
  if (change.brownout !== undefined) {
    const before = flags[BROWNOUT_FLAG] as JsonObject | undefined;
    if (change.brownout !== null || before !== undefined) flags[BROWNOUT_FLAG] = brownout(change.brownout);
  }
  return { text: `${JSON.stringify(flags, null, 2)}\n`, revision };
}

function issuance(percent: number, since: string): JsonObject {
  return percent === 0 ? { enabled: false, since } : { enabled: true, percent, since };
}

function brownout(commanded: Brownout | null): JsonObject {
  if (commanded === null) return { enabled: false };
  return { enabled: true, percent: commanded.percent, until: formatInstant(commanded.untilMs) };
}

function nextRevision(flag: JsonObject | undefined): number {
  const current = Number(flag?.['revision'] ?? 0);
  return Number.isSafeInteger(current) ? current + 1 : 1;
}
