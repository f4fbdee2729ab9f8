import { ACCEPT_LEGACY_FLAG, type FlagDocument, formatInstant, ISSUE_TARGET_FLAG } from '@crossfade/core';

/** A flag's value as a boolean, as a number and as an object. */
export interface ResolvedFlag {
  readonly enabled: boolean;
  /** The share of logins in percent; only `issue-target` has one. */
  readonly percent?: number;
  /** The flag in the document's shape. */
  readonly whole: { [attribute: string]: boolean | number | string };
}

/** Returns the flag, or `undefined` if it does not exist. The switches always exist: their absence has a meaning. */
export function resolveFlag(document: FlagDocument, name: string): ResolvedFlag | undefined {
  if (name === ISSUE_TARGET_FLAG) return issueTarget(document);
  if (name === ACCEPT_LEGACY_FLAG) return acceptLegacy(document);
  const enabled = document.features.get(name);
  return enabled === undefined ? undefined : { enabled, whole: { enabled } };
}

export function flagNames(document: FlagDocument): readonly string[] {
  return [ISSUE_TARGET_FLAG, ACCEPT_LEGACY_FLAG, ...document.features.keys()];
}

function issueTarget({ issuance: { enabled, percent, revision, sinceMs } }: FlagDocument): ResolvedFlag {
  if (!enabled) return { enabled, percent: 0, whole: { enabled } };
  const attributes = { percent, ...(revision !== null && { revision }), ...since(sinceMs) };
  return { enabled, percent, whole: { enabled, ...attributes } };
}

function acceptLegacy({ acceptance, acceptanceSinceMs }: FlagDocument): ResolvedFlag {
  const enabled = acceptance === 'both';
  return { enabled, whole: { enabled, ...since(acceptanceSinceMs) } };
}

function since(ms: number | null): { since?: string } {
  return ms === null ? {} : { since: formatInstant(ms) };
}
