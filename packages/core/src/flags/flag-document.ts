import { z } from 'zod';
import { isObject } from '../schema/expected.ts';
import type { Problem } from '../vocabulary/error.ts';
import type { Acceptance, Issuance, SwitchPosition } from '../vocabulary/switch-position.ts';

/** The flags of the two switches. Neither is derived from the other. */
export const ISSUE_TARGET_FLAG = 'issue-target';
export const ACCEPT_LEGACY_FLAG = 'accept-legacy';

/** A parsed flag document: the two switch positions and the feature flags. */
export interface FlagDocument extends SwitchPosition {
  /** When `accept-legacy` took its position, in ms, as its writer noted it. Set only once it was closed and reopened. */
  readonly acceptanceSinceMs: number | null;
  /** Every other flag by name: on or off. An unreadable flag is off. */
  readonly features: ReadonlyMap<string, boolean>;
}

/** Applies until the first document is read: logins ask for legacy, APIs accept both. */
export const DEFAULT_FLAG_DOCUMENT: FlagDocument = {
  acceptance: 'both',
  issuance: { enabled: false, percent: 0, revision: null, sinceMs: null },
  acceptanceSinceMs: null,
  features: new Map(),
};

export type FlagDocumentResult =
  | { readonly ok: true; readonly document: FlagDocument }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const since = z.iso.datetime({ offset: true, error: 'must be an ISO 8601 time with an offset' }).optional();

/** AppConfig returns a disabled flag without attributes; with `enabled: false` all others are ignored. */
const issueTarget = z.discriminatedUnion('enabled', [
  z.object({ enabled: z.literal(false) }),
  z.object({
    enabled: z.literal(true),
    percent: z.number({ error: 'must be a number 0..100' }).min(0).max(100).optional(),
    revision: z.union([z.string(), z.number()]).optional(),
    since,
  }),
]);
const acceptLegacy = z.object({ enabled: z.boolean({ error: 'must be true or false' }), since });
const switches = z.object({
  [ISSUE_TARGET_FLAG]: issueTarget.optional(),
  [ACCEPT_LEGACY_FLAG]: acceptLegacy.optional(),
});

/**
 * Reads a flag document in the shape AppConfig's data plane returns. A document with an unreadable *switch*
 * is refused as a whole, so it never replaces a good one; an unreadable feature flag is just off.
 */
export function parseFlagDocument(text: string): FlagDocumentResult {
  const json = parseJsonObject(text);
  if (json === undefined) return refusal('', 'is not a JSON object');
  const variants = [ISSUE_TARGET_FLAG, ACCEPT_LEGACY_FLAG].find((name) => hasVariants(json[name]));
  if (variants !== undefined) {
    return refusal(`${variants}._variants`, 'multi-variant flags are evaluated by the AppConfig Agent only');
  }
  const parsed = switches.safeParse(json);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    };
  }
  const acceptFlag = parsed.data[ACCEPT_LEGACY_FLAG];
  const document: FlagDocument = {
    acceptance: acceptanceOf(acceptFlag),
    issuance: issuanceOf(parsed.data[ISSUE_TARGET_FLAG]),
    acceptanceSinceMs: timeOf(acceptFlag?.since),
    features: featuresOf(json),
  };
  return { ok: true, document };
}

function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function hasVariants(flag: unknown): boolean {
  return isObject(flag) && '_variants' in flag;
}

function refusal(path: string, message: string): FlagDocumentResult {
  return { ok: false, problems: [{ path, message }] };
}

function issuanceOf(flag: z.infer<typeof issueTarget> | undefined): Issuance {
  if (!flag?.enabled) return DEFAULT_FLAG_DOCUMENT.issuance;
  return {
    enabled: true,
    percent: flag.percent ?? 100,
    revision: flag.revision === undefined ? null : String(flag.revision),
    sinceMs: timeOf(flag.since),
  };
}

function acceptanceOf(flag: z.infer<typeof acceptLegacy> | undefined): Acceptance {
  return flag?.enabled === false ? 'target' : 'both';
}

function timeOf(iso: string | undefined): number | null {
  return iso === undefined ? null : Date.parse(iso);
}

function featuresOf(json: Record<string, unknown>): ReadonlyMap<string, boolean> {
  const features = new Map<string, boolean>();
  for (const [name, flag] of Object.entries(json)) {
    if (name === ISSUE_TARGET_FLAG || name === ACCEPT_LEGACY_FLAG) continue;
    features.set(name, isObject(flag) && flag['enabled'] === true);
  }
  return features;
}
