import { ACCEPT_LEGACY_FLAG, BROWNOUT_FLAG, ISSUE_TARGET_FLAG, parseFlagDocument } from '@crossfade/core';
import { z } from 'zod';

const definition = z.looseObject({ attributes: z.record(z.string(), z.unknown()).optional() });
const hosted = z.looseObject({
  version: z.literal('1'),
  flags: z.record(z.string(), definition).default({}),
  values: z.record(z.string(), z.looseObject({})).default({}),
});
type Hosted = z.infer<typeof hosted>;

const EMPTY: Hosted = { version: '1', flags: {}, values: {} };
const SWITCHES = [ISSUE_TARGET_FLAG, ACCEPT_LEGACY_FLAG, BROWNOUT_FLAG] as const;
const BOOKKEEPING = new Set(['_createdAt', '_updatedAt']);

const text = { constraints: { type: 'string' } };
const percent = { constraints: { type: 'number', minimum: 0, maximum: 100 } };

/**
 * Converts hosted feature-flag content (definitions and values apart) to the shape that the data plane returns. Unlike
 * the data plane, it keeps the attributes of disabled flags, so that the revision goes on counting. Returns content of
 * another shape unchanged, for the reader to refuse.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-type-reference-feature-flags.html
 */
export function toFlagText(content: string): string {
  const parsed = parseHosted(content);
  if (parsed === undefined) return content;
  const flags = Object.entries(parsed.values).map(([name, value]) => [name, withoutBookkeeping(value)]);
  return JSON.stringify(Object.fromEntries(flags));
}

/**
 * Puts Crossfade's own flags of a flag document into hosted content and defines their attributes. Leaves every other flag,
 * and the operator's own bounds on `percent`, unchanged.
 */
export function withSwitches(content: string, flagText: string): string {
  const { version, flags, values, ...rest } = parseHosted(content) ?? EMPTY;
  const edited = JSON.parse(flagText) as Record<string, Record<string, unknown> | undefined>;
  const next: Hosted = { ...rest, version, flags: { ...flags }, values: { ...values } };
  for (const name of SWITCHES) {
    const value = edited[name];
    if (value === undefined) continue;
    next.flags[name] = {
      name,
      ...flags[name],
      attributes: { ...flags[name]?.attributes, ...attributesOf(name, flags[name]) },
    };
    next.values[name] = value;
  }
  return JSON.stringify(repaired(next));
}

function attributesOf(name: (typeof SWITCHES)[number], existing: z.infer<typeof definition> | undefined): object {
  if (name === ACCEPT_LEGACY_FLAG) return { since: text };
  if (name === BROWNOUT_FLAG) return { percent: existing?.attributes?.['percent'] ?? percent, until: text };
  return { percent: existing?.attributes?.['percent'] ?? percent, revision: text, since: text };
}

/** Replaces an unreadable `accept-legacy`, which means "accept": readers would refuse the whole document. */
function repaired(content: Hosted): Hosted {
  if (parseFlagDocument(toFlagText(JSON.stringify(content))).ok) return content;
  return { ...content, values: { ...content.values, [ACCEPT_LEGACY_FLAG]: { enabled: true } } };
}

function withoutBookkeeping(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !BOOKKEEPING.has(name)));
}

function parseHosted(content: string): Hosted | undefined {
  try {
    return hosted.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}
