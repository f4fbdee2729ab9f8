import { z } from 'zod';

/** Years outside 0..9999 have a sign and six digits (ECMA-262, Expanded Years): a token can claim such a time. */
const INSTANT = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Reads an ISO 8601 time, as `formatInstant` writes it, into ms. */
export const instant = z
  .string()
  .refine((text) => INSTANT.test(text) && !Number.isNaN(Date.parse(text)), { error: 'must be an ISO 8601 time' })
  .transform((text) => Date.parse(text));
