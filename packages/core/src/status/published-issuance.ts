import { z } from 'zod';

/**
 * The JSON of `GET <prefix>/issuance`, from which browsers and phones read the issuance switch. Ignores what it does not
 * know. A percentage outside 0..100 is refused: it must not mean 100 %.
 */
export const publishedIssuanceSchema = z.object({
  enabled: z.boolean(),
  /** The share of keys that get the target side, 0..100 with two decimals; 0 while disabled. */
  percent: z.number().min(0).max(100),
  revision: z.string().nullable(),
  /** Whether the position is the last known one, because the flag store cannot be read. */
  stale: z.boolean(),
});

/** The JSON of `GET <prefix>/issuance`. */
export type PublishedIssuance = z.infer<typeof publishedIssuanceSchema>;
