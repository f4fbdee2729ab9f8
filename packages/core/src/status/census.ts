import { z } from 'zod';
import { instant } from './instant-schema.ts';

/**
 * What a token looks like, by what it says of itself: `access` and `id` declare it or carry what only such a token does;
 * `unmarked` is a JWT that does not say; `other` is a refresh, logout or other token; `opaque` is no JWT, `malformed` a
 * broken one, `too_large` one that is not read, `none` a request without a token; `rest` stands for all that did not fit
 * into a row of its own.
 */
export const CENSUS_KINDS = [
  'access',
  'unmarked',
  'id',
  'other',
  'opaque',
  'malformed',
  'too_large',
  'none',
  'rest',
] as const;
export type CensusKind = (typeof CENSUS_KINDS)[number];

/** Tokens that are alike. */
const row = z.object({
  /** As the tokens claim; `null` where they name none. Long values are cut off and end in `…`. */
  issuer: z.string().nullable(),
  /** The first few, in the order of the tokens. */
  audiences: z.array(z.string()).readonly(),
  clientId: z.string().nullable(),
  /** One of {@link CENSUS_KINDS}; a newer sidecar may have more. */
  kind: z.string(),
  /** `unchecked`: anyone can have made the tokens. `verified`: with the keys of an issuer that the plan names. */
  signature: z.string(),
  count: z.number(),
  /** The length of the longest token. */
  maxBytes: z.number(),
  firstSeenAt: instant.nullable(),
  lastSeenAt: instant.nullable(),
});

/** The JSON of a sidecar's `/census`. Ignores what it does not know. Parsing turns the times into ms. */
export const censusSchema = z.object({
  /** Most frequent first; a `rest` row has no audiences and no client. */
  rows: z.array(row).readonly(),
  /** Whether something did not fit: there is a `rest` row, or a value was cut off. */
  truncated: z.boolean(),
});

/** The JSON of a sidecar's `/census`. Times are ISO 8601. */
export type Census = z.input<typeof censusSchema>;

/** Tokens that are alike, as `/census` lists them. */
export type CensusRow = z.input<typeof row>;
