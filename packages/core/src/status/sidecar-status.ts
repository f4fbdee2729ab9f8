import { z } from 'zod';
import { PHASES } from '../vocabulary/phase.ts';
import { REJECTION_REASONS } from '../vocabulary/rejection-reason.ts';
import { SIDES } from '../vocabulary/side.ts';
import { instant } from './instant-schema.ts';

/** What `/status` says of one audience class. Times are `null` for never. */
const audience = z.object({
  accepted: z.number(),
  rejected: z.number(),
  lastSeenAt: instant.nullable(),
  latestIssuedAt: instant.nullable(),
  latestExpiryAt: instant.nullable(),
});

/** When the API last took, or refused, a valid token of one side. */
const apiResponses = z.object({ acceptedAt: instant.nullable(), unauthorizedAt: instant.nullable() });

/** What `/status` says of audiences beside ours. */
const foreignAudiences = z.object({
  /** Accepted requests whose token names another audience beside ours. */
  requests: z.number(),
  /** The values seen most recently, most recent first. */
  audiences: z.array(z.object({ audience: z.string(), count: z.number(), lastSeenAt: instant.nullable() })).readonly(),
  /** Whether there were more values than the sidecar remembers. */
  truncated: z.boolean(),
});

/** Connections that outlive the tokens that opened them, by the class of these tokens. */
const openConnections = z.object({ legacy: z.number(), target: z.number(), bridge: z.number() });

/** What `/status` says of the `Forwarded` and `X-Forwarded-*` headers that the sidecar replaced. */
const forwardedHeaders = z.object({
  /** How many requests had such a header, from a client that is not a trusted proxy. */
  replaced: z.number(),
  /** The addresses that sent them, most recent first; the last few only. */
  from: z.array(z.string()).readonly(),
  lastAt: instant.nullable(),
});

/** What `/status` says of requests that failed at the API. */
const upstream = z.object({
  /** Requests that got 502 or 504, or whose response was cut off. */
  failures: z.number(),
  lastFailureAt: instant.nullable(),
  /** An error code such as `ECONNREFUSED`, or `timeout` or `invalid_response`; `null` for never. */
  lastCode: z.string().nullable(),
});

/** What `/status` says of a brownout that is under way. */
const brownout = z.object({
  percent: z.number(),
  until: instant,
  /** How many requests it has refused. Absent where the sidecar does not enforce. */
  refused: z.number().exactOptional(),
  /** Whether this sidecar has stopped it for itself, because too large a share of its requests was concerned. */
  stopped: z.boolean().exactOptional(),
});

/** What `/status` adds in `collect` mode. */
const collector = z.object({
  /** Whether at least one process reports and none that should is silent; while `false`, silence proves nothing. */
  watching: z.boolean(),
  batches: z.object({
    counted: z.number(),
    duplicate: z.number(),
    refused: z.number(),
    unavailable: z.number(),
  }),
  /** The processes that were heard last. */
  senders: z
    .array(
      z.object({
        sender: z.string(),
        name: z.string().nullable(),
        state: z.enum(['live', 'silent', 'gone', 'closed']),
        acceptance: z.enum(['legacy', 'both', 'target']),
        lastHeardAt: instant.nullable(),
        counted: z.number(),
        lost: z.number(),
      }),
    )
    .readonly(),
  /** Whether the list of senders was cut. */
  truncated: z.boolean(),
});

/**
 * The JSON of a sidecar's `/status`. Ignores what it does not know. A reader takes the fields that it needs from
 * `shape`, and those that older sidecars lack as optional. Parsing turns the times into ms.
 */
export const sidecarStatusSchema = z.object({
  migration: z.string(),
  service: z.string(),
  phase: z.enum(PHASES),
  issuance: z.object({
    percent: z.number(),
    enabled: z.boolean(),
    /** When the switch took this position; `null` if its writer did not note it. */
    since: instant.nullable(),
  }),
  acceptance: z.enum(['legacy', 'both', 'target']),
  /**
   * What the API is known to accept, by its responses or, in a sidecar that enforces, by the switch; `null`: unknown. A
   * sidecar that enforces knows of a side that it accepts once it has had the side's keys.
   */
  shown: z.object({ legacy: z.boolean().nullable(), target: z.boolean().nullable() }),
  /** When the API last showed that it takes or refuses a side's valid tokens. */
  apiResponses: z.object({ legacy: apiResponses, target: apiResponses }),
  /** Tokens that were judged valid and that the API refused. */
  validUnauthorized: z.number(),
  lastValidUnauthorizedAt: instant.nullable(),
  /** Tokens that were judged invalid and that the API took all the same. */
  disagreements: z.object({
    /** By the reason of the judgement; a newer sidecar may have reasons that are not in our list. */
    reasons: z.record(z.string(), z.number()),
    /** Of a token that is verified as our issuer's: its client would be turned away. */
    lastVerifiedAt: instant.nullable(),
    /** Of a token that proves nothing about who sent it. */
    lastUnverifiedAt: instant.nullable(),
  }),
  /** Requests whose token could not be judged; they count as `invalid`. */
  unavailable: z.number(),
  /** When that last happened; in `collect` mode also when judgements may last have been missed. */
  lastUnavailableAt: instant.nullable(),
  flags: z.object({
    revision: z.string().nullable(),
    /** The store's name; `null` if the source does not tell. Older sidecars lack it. */
    source: z.string().nullable().exactOptional(),
    /** The first 12 hex digits of SHA-256 over the canonical flags. Older sidecars lack it. */
    hash: z.string().nullable().exactOptional(),
    ageSeconds: z.number().nullable(),
    stale: z.boolean(),
    problem: z.string().exactOptional(),
  }),
  audiences: z.object({
    legacy: audience,
    target: audience,
    bridge: audience,
    foreign: audience,
    opaque: audience,
    invalid: audience,
    none: audience,
  }),
  /** Rejected requests by reason; together with `unavailable` they are all that was rejected. */
  rejections: z.partialRecord(z.enum(REJECTION_REASONS), z.number()),
  afterClose: z.object({ rejected: z.number() }),
  /** CORS preflights, which are not among the audiences. Older sidecars lack it. */
  preflights: z.number().exactOptional(),
  /** Absent in `collect` mode: there the judging processes see the audiences. */
  foreignAudiences: foreignAudiences.exactOptional(),
  /**
   * WebSocket, gRPC and event streams that the API opened for a token: a close does not end them. Absent where the sidecar
   * does not forward them (`forward-auth` and `collect`), and in older ones.
   */
  openConnections: openConnections.exactOptional(),
  /** Absent where the sidecar forwards nothing, and in older ones. */
  forwardedHeaders: forwardedHeaders.exactOptional(),
  /** Absent where the sidecar forwards nothing, and in older ones. */
  upstream: upstream.exactOptional(),
  /** The brownout that the flags command now; `null` for none. Older sidecars lack it. */
  brownout: brownout.nullable().exactOptional(),
  /** The issuers' signing keys, by side. */
  keys: z
    .array(
      z.object({
        side: z.enum(SIDES),
        ageSeconds: z.number().nullable(),
        refreshes: z.object({ success: z.number(), failure: z.number() }),
        /** Why no token of the side can be verified; absent while one can, and in older sidecars. */
        missing: z.string().exactOptional(),
      }),
    )
    .readonly(),
  startedAt: instant,
  /** A random id of this run of the sidecar: two URLs with the same one reach the same sidecar. Older ones lack it. */
  process: z.string().exactOptional(),
  version: z.string(),
  /** The first 12 hex digits of SHA-256 over what its plan says of tokens (`canonicalPlan`). Older sidecars lack it. */
  plan: z.string().exactOptional(),
  /** In `collect` mode only. */
  collector: collector.exactOptional(),
});

/** The JSON of a sidecar's `/status`. Times are ISO 8601, `null` for never. */
export type SidecarStatus = z.input<typeof sidecarStatusSchema>;

/** What `/status` says of one audience class. */
export type AudienceStatus = z.input<typeof audience>;

/** What `/status` adds in `collect` mode. */
export type CollectorStatus = z.input<typeof collector>;

/** Connections that outlive the tokens that opened them, by the class of these tokens. */
export type OpenConnectionCounts = z.output<typeof openConnections>;

/** What `/status` says of the `Forwarded` and `X-Forwarded-*` headers that the sidecar replaced. */
export type ForwardedHeadersStatus = z.input<typeof forwardedHeaders>;
