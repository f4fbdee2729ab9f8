import { z } from 'zod';
import { instant } from './instant-schema.ts';

/** What `/stragglers` says of one client. */
const straggler = z.object({
  /** `null` for tokens that name no client. */
  clientId: z.string().nullable(),
  /** Its accepted requests with a legacy or bridge token. */
  accepted: z.number(),
  /** Its rejected requests that count as seen, or that the API took all the same. */
  rejected: z.number().default(0),
  /**
   * Why it is listed, apart from accepted legacy tokens: requests by rejection reason; accepted ones whose token carries
   * both audiences by `bridge`, or by `after_close` if a close would refuse them.
   */
  reasons: z.record(z.string(), z.number()).default({}),
  lastSeenAt: instant.nullable(),
  latestIssuedAt: instant.nullable(),
  latestExpiryAt: instant.nullable(),
  /** Whether a token that a close would refuse was issued after issuance took its position; else it uses up older ones. */
  stillMinting: z.boolean(),
  /** Connections that its legacy and bridge tokens opened and that outlive them: a close does not end them. */
  openConnections: z.number().default(0),
});

/** The JSON of a sidecar's `/stragglers`. Ignores what it does not know. Parsing turns the times into ms. */
export const stragglerListSchema = z.object({
  /** Most recent first. */
  clients: z.array(straggler).readonly(),
  /** Whether there were more clients than the sidecar remembers. */
  truncated: z.boolean(),
});

/** The JSON of a sidecar's `/stragglers`. Times are ISO 8601. */
export interface StragglerList {
  readonly clients: readonly StragglerStatus[];
  readonly truncated: boolean;
}

/** What `/stragglers` says of one client. */
export type StragglerStatus = z.input<typeof straggler> &
  Pick<z.output<typeof straggler>, 'rejected' | 'reasons' | 'openConnections'>;
