import { z } from 'zod';
import { instant } from './instant-schema.ts';

/** What `/stragglers` says of one client. */
const straggler = z.object({
  /** `null` for tokens that name no client. */
  clientId: z.string().nullable(),
  accepted: z.number(),
  lastSeenAt: instant.nullable(),
  latestIssuedAt: instant.nullable(),
  latestExpiryAt: instant.nullable(),
  /** Whether it got a legacy token after issuance took its position, rather than only using up older ones. */
  stillMinting: z.boolean(),
});

/** The JSON of a sidecar's `/stragglers`. Ignores what it does not know. Parsing turns the times into ms. */
export const stragglerListSchema = z.object({
  /** Most recent first. */
  clients: z.array(straggler).readonly(),
  /** Whether there were more clients than the sidecar remembers. */
  truncated: z.boolean(),
});

/** The JSON of a sidecar's `/stragglers`. Times are ISO 8601. */
export type StragglerList = z.input<typeof stragglerListSchema>;

/** What `/stragglers` says of one client. */
export type StragglerStatus = z.input<typeof straggler>;
