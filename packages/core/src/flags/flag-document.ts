import { z } from 'zod';
import { isObject } from '../schema/expected.ts';
import type { Problem } from '../vocabulary/error.ts';
import type { Acceptance, Issuance, SwitchPosition } from '../vocabulary/switch-position.ts';

/** The flags of the two switches. Neither is derived from the other. */
export const ISSUE_TARGET_FLAG = 'issue-target';
export const ACCEPT_LEGACY_FLAG = 'accept-legacy';
/** Refuses legacy for a share of clients for a while. */
export const BROWNOUT_FLAG = 'brownout';

/** A parsed flag document: the two switch positions, the brownout and the feature flags. */
export interface FlagDocument extends SwitchPosition {
  /** When `accept-legacy` took its position, in ms, as its writer noted it. Set only once it was closed and reopened. */
  readonly acceptanceSinceMs: number | null;
  /** Legacy is refused for a share of clients until then; `null` for none. It may be over: compare `untilMs` with the clock. */
  readonly brownout: Brownout | null;
  /** What the reader ignores in Crossfade's own flags, for reports: a sentence each, without values. */
  readonly ignored: readonly string[];
  /** Every other flag by name: on or off. An unreadable flag is off. */
  readonly features: ReadonlyMap<string, boolean>;
}

/** A brownout as the flag commands it. */
export interface Brownout {
  /** The share of clients, above 0 up to 100 with two decimals. */
  readonly percent: number;
  /** When it ends, in ms. */
  readonly untilMs: number;
}

/** The longest brownout that a reader obeys, counted from now: a mistyped year must not refuse legacy for a year. */
export const MAX_BROWNOUT_MS = 86_400_000;

/** Returns the brownout that applies now: none once it is over, or if it would last longer than {@link MAX_BROWNOUT_MS}. */
export function activeBrownout(commanded: Brownout | null, nowMs: number): Brownout | null {
  if (commanded === null || commanded.untilMs <= nowMs) return null;
  return commanded.untilMs - nowMs <= MAX_BROWNOUT_MS ? commanded : null;
}

/** Applies until the first document is read: logins ask for legacy, APIs accept both. */
export const DEFAULT_FLAG_DOCUMENT: FlagDocument = {
  acceptance: 'both',
  issuance: { enabled: false, percent: 0, revision: null, sinceMs: null },
  acceptanceSinceMs: null,
  brownout: null,
  ignored: [],
  features: new Map(),
};

export type FlagDocumentResult =
  | { readonly ok: true; readonly document: FlagDocument }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const time = z.iso.datetime({ offset: true, error: 'must be an ISO 8601 time with an offset' });
const since = time.optional();
/** Of a disabled flag, which always parses: an older reader must obey the rollback of a newer CLI. */
const lenientSince = since.catch(undefined);
const revision = z.union([z.string(), z.number()]).optional();
const lenientRevision = revision.catch(undefined);
const share = z.number({ error: 'must be a number 0..100' }).min(0).max(100);

/** AppConfig returns a disabled flag without attributes. */
const issueTarget = z.discriminatedUnion('enabled', [
  z.object({ enabled: z.literal(false), revision: lenientRevision, since: lenientSince }),
  z
    .object({
      enabled: z.literal(true),
      percent: share.optional(),
      revision,
      since,
    })
    .loose()
    // A typo must not mean 100 %.
    .refine((flag) => flag.percent !== undefined || unknownAttributes(ISSUE_TARGET_FLAG, flag).length === 0, {
      path: ['percent'],
      error: 'is required (0..100) beside an attribute that is not known, because that may be a misspelt percent',
    }),
]);
const acceptLegacy = z.discriminatedUnion(
  'enabled',
  [z.object({ enabled: z.literal(false), since: lenientSince }), z.object({ enabled: z.literal(true), since })],
  { error: 'must be true or false' },
);
const brownout = z.discriminatedUnion('enabled', [
  z.object({ enabled: z.literal(false) }),
  z.object({ enabled: z.literal(true), percent: share.gt(0), until: time }),
]);
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
    brownout: brownoutOf(json[BROWNOUT_FLAG]),
    ignored: ignoredIn(json),
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
  const known = {
    revision: flag?.revision === undefined ? null : String(flag.revision),
    sinceMs: timeOf(flag?.since),
  };
  if (!flag?.enabled) return { ...DEFAULT_FLAG_DOCUMENT.issuance, ...known };
  return { enabled: true, percent: flag.percent ?? 100, ...known };
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
    if (name in ATTRIBUTES) continue;
    features.set(name, isObject(flag) && flag['enabled'] === true);
  }
  return features;
}

/** The attributes that readers know of Crossfade's own flags. */
const ATTRIBUTES = {
  [ISSUE_TARGET_FLAG]: ['enabled', 'percent', 'revision', 'since'],
  [ACCEPT_LEGACY_FLAG]: ['enabled', 'revision', 'since'],
  [BROWNOUT_FLAG]: ['enabled', 'percent', 'until', 'revision', 'since'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type OwnFlag = keyof typeof ATTRIBUTES;
const OWN_FLAGS = [ISSUE_TARGET_FLAG, ACCEPT_LEGACY_FLAG, BROWNOUT_FLAG] as const;
/** AppConfig's own attributes begin with an underscore. */
const NAME = /^[A-Za-z][\w-]{0,63}$/;

function unknownAttributes(name: OwnFlag, flag: object): readonly string[] {
  const known: readonly string[] = ATTRIBUTES[name];
  return Object.keys(flag).filter((attribute) => !attribute.startsWith('_') && !known.includes(attribute));
}

/** An unreadable brownout is none: on doubt valid tokens get in. */
function brownoutOf(flag: unknown): Brownout | null {
  const { data } = brownout.safeParse(flag);
  return data?.enabled === true ? { percent: data.percent, untilMs: Date.parse(data.until) } : null;
}

function ignoredIn(json: Record<string, unknown>): readonly string[] {
  const attributes = OWN_FLAGS.flatMap((name) => {
    const flag = json[name];
    const unknown = isObject(flag) ? unknownAttributes(name, flag) : [];
    return unknown.map((attribute) =>
      NAME.test(attribute)
        ? `${name}.${attribute} is not an attribute of this flag`
        : `${name} has an attribute that is not known`,
    );
  });
  const isBroken = json[BROWNOUT_FLAG] !== undefined && !brownout.safeParse(json[BROWNOUT_FLAG]).success;
  const needs = `${BROWNOUT_FLAG} must have enabled, and with enabled: true percent (above 0, up to 100) and until (an ISO 8601 time with an offset)`;
  return [...attributes, ...(isBroken ? [needs] : [])];
}

/**
 * Returns the canonical JSON (RFC 8785) of Crossfade's own flags, as they were read. It is the same whether the document came
 * from the control plane, the data plane or an Agent, although AppConfig returns a disabled flag without attributes.
 */
export function canonicalFlags({ acceptance, acceptanceSinceMs, brownout: ends, issuance }: FlagDocument): string {
  const { percent, revision, sinceMs } = issuance;
  const isOpen = acceptance === 'both';
  return JSON.stringify({
    [ACCEPT_LEGACY_FLAG]: {
      enabled: isOpen,
      ...(isOpen && acceptanceSinceMs !== null && { since: acceptanceSinceMs }),
    },
    [BROWNOUT_FLAG]: ends === null ? null : { percent: ends.percent, until: ends.untilMs },
    [ISSUE_TARGET_FLAG]: issuance.enabled ? { enabled: true, percent, revision, since: sinceMs } : { enabled: false },
  });
}

/** Returns when a switch last moved, in ms, as the document tells; `null` if it does not. */
export function lastMoveMs({
  issuance,
  acceptanceSinceMs,
}: Pick<FlagDocument, 'issuance' | 'acceptanceSinceMs'>): number | null {
  if (issuance.sinceMs === null || acceptanceSinceMs === null) return issuance.sinceMs ?? acceptanceSinceMs;
  return Math.max(issuance.sinceMs, acceptanceSinceMs);
}
