import type { AudienceIdentity } from '../vocabulary/audience-class.ts';

/** The values that a claim may have: it must equal one; an array claim must contain one. */
export type ClaimRule = string | number | boolean | readonly (string | number | boolean)[];

/**
 * The claim that holds the roles of the subject: its exact name (`cognito:groups`,
 * `https://example.com/roles`), or the path to a nested one as a list (`['realm_access', 'roles']`).
 */
export type RolesClaim = string | readonly string[];

/** One side of the migration in the plan. */
export interface SidePlan extends AudienceIdentity {
  /** The scope a login asks for, space-separated; empty if Crossfade does not manage logins. */
  readonly scope: string;
  /** The `resource` request parameter (RFC 8707). */
  readonly resource?: string;
  /** The longest lifetime of an access token of this side. */
  readonly tokenLifetimeMs: number;
  /** The longest time after which a refresh token can still mint a token of this side; 0 when refresh re-targets. */
  readonly sessionLifetimeMs: number;
  /** `at+jwt` demands RFC 9068 tokens; absent takes other access tokens too, but never ID tokens. */
  readonly typ?: 'at+jwt';
  readonly requiredScope?: readonly string[];
  /** The OAuth clients whose tokens this side takes; absent: all. */
  readonly allowedClients?: readonly string[];
  readonly claims?: Readonly<Record<string, ClaimRule>>;
  /** Replaces the validator's default: `roles`, or `cognito:groups` where there is no `roles`. */
  readonly rolesClaim?: RolesClaim;
}

export interface AppConfigLocation {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
}

export interface FileFlagsPlan {
  readonly source: 'file';
  readonly path: string;
}

export interface AppConfigFlagsPlan extends AppConfigLocation {
  readonly source: 'appconfig';
  readonly pollIntervalMs: number;
  readonly region?: string;
  readonly endpoint?: string;
}

export interface AgentFlagsPlan extends AppConfigLocation {
  readonly source: 'agent';
  readonly url: string;
  readonly pollIntervalMs: number;
}

export type FlagsPlan = FileFlagsPlan | AppConfigFlagsPlan | AgentFlagsPlan;

export interface GatePlan {
  /** How long no legacy token may have been seen; at least the cycle of the slowest client. */
  readonly silenceMs: number;
  /** The share of expected instances that must have been watched, 0..1. */
  readonly coverage: number;
  /** Base URL of a Prometheus-compatible HTTP API. */
  readonly prometheus?: string;
  /** Admin base URLs of every sidecar, when there is no Prometheus. */
  readonly sidecars?: readonly string[];
}

export interface SidecarPlan {
  readonly service: string;
  readonly mode: 'proxy' | 'forward-auth' | 'collect';
  readonly judge: 'observe' | 'enforce';
  /** `host:port` of the data port, or `unix:` and the path of a socket. */
  readonly listen: string;
  /** The path of a PEM certificate chain: the data port speaks TLS, HTTP/1.1 and HTTP/2. */
  readonly tlsCert?: string;
  /** The path of the certificate's private key, PEM. */
  readonly tlsKey?: string;
  /** Base URL of the API behind a proxying sidecar, or `unix:` and the path of its socket. */
  readonly upstream?: string;
  /** The path of the PEM certificates that an https upstream is checked against; absent: those of Node.js. */
  readonly upstreamCa?: string;
  /** Whether simple HTTP/1.1 requests skip `node:http`; absent: they do. */
  readonly fastPath?: boolean;
  /** `host:port` of the admin port. */
  readonly admin: string;
  /** Addresses and CIDR ranges of the proxies whose `X-Forwarded-*` headers are trusted; absent: none. */
  readonly trustedProxies?: readonly string[];
  /** The maximum number of open connections on the data port. */
  readonly maxConnections?: number;
  /** How long a client may take to send a header section. */
  readonly headerTimeoutMs?: number;
  /** How long a client may stall while it sends a request body or reads a response. */
  readonly stallTimeoutMs?: number;
  /** How long the sidecar accepts connections after it has reported itself out of service. */
  readonly drainDelayMs?: number;
  /** How long requests in flight may then take to finish. */
  readonly drainTimeoutMs?: number;
}

/** A validated migration plan: `crossfade.yaml` with durations in milliseconds and defaults filled in. */
export interface MigrationPlan {
  readonly version: 1;
  readonly migration: string;
  readonly legacy: SidePlan;
  readonly target: SidePlan;
  /** Known OAuth client ids: an `aud` equal to one of them marks an ID token. */
  readonly clients: readonly string[];
  readonly clockToleranceMs: number;
  readonly flags: FlagsPlan;
  readonly gate: GatePlan;
  readonly sidecar?: SidecarPlan;
}
