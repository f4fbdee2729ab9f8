import type { RejectionReason } from '../vocabulary/rejection-reason.ts';
import type { SignatureAlgorithm } from '../vocabulary/signature-algorithm.ts';

/** The values that a claim may have: it must equal one; an array claim must contain one. */
export type ClaimRule = string | number | boolean | readonly (string | number | boolean)[];

/**
 * The claim that holds the roles of the subject: its exact name (`cognito:groups`,
 * `https://example.com/roles`), or the path to a nested one as a list (`['realm_access', 'roles']`).
 */
export type RolesClaim = string | readonly string[];

/** Where a side's keys come from, instead of its issuer's metadata: a URL, or a JWKS (RFC 7517 §5). */
export type KeysPlan =
  | string
  /** A URL whose answers pass a network that the operator trusts: it may be plain http. */
  | { readonly url: string; readonly allowHttp: true }
  | { readonly keys: readonly Readonly<Record<string, unknown>>[] };

/** How opaque tokens of a side are introspected (RFC 7662). */
export interface IntrospectionPlan {
  /** Absent: `introspection_endpoint` of the issuer's metadata. */
  readonly endpoint?: string;
  readonly clientId: string;
  /** The environment variable that holds the client secret. */
  readonly clientSecretEnv: string;
  readonly authentication: 'client_secret_basic' | 'client_secret_post';
  readonly response: 'json' | 'jwt';
  readonly impliesAudience: boolean;
  readonly maxAgeSeconds: number;
  readonly timeoutMs: number;
}

/** One side of the migration in the plan. It is known by one of audience, clientIds, withoutAudience, anyAudience. */
export interface SidePlan {
  /** The first spelling of the issuer: its name. */
  readonly issuer: string;
  /** Every spelling of the issuer, where it has several. */
  readonly issuers?: readonly string[];
  /** The first `aud` value: the side's name. */
  readonly audience?: string;
  /** Every `aud` value of this side, where it has several. */
  readonly audiences?: readonly string[];
  readonly clientIds?: readonly string[];
  readonly withoutAudience?: true;
  /** Legacy only: whatever this issuer signs for an API, and is not the target's. */
  readonly anyAudience?: true;
  /** `anyAudience` outside observation: the operator knows that tokens for other APIs get in. */
  readonly acknowledgeRisk?: true;
  readonly keys?: KeysPlan;
  readonly algorithms?: readonly SignatureAlgorithm[];
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
  readonly senderConstrained?: 'dpop' | 'mtls' | 'any';
  readonly claims?: Readonly<Record<string, ClaimRule>>;
  /** Replaces the validator's default: `roles`, or `cognito:groups` where there is no `roles`. */
  readonly rolesClaim?: RolesClaim;
  /** Which `aud` values of others a token may carry beside this side's: none, or a list; absent: any. */
  readonly foreignAudiences?: 'refuse' | readonly string[];
  readonly introspection?: IntrospectionPlan;
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

/** How a Prometheus-compatible HTTP API is asked. Of `basic`, `bearerTokenFile` and `sigv4` there is one at most. */
export interface PrometheusPlan {
  /** Its base URL, which may hold a user and a password. */
  readonly url: string;
  /** For each response, to its last byte. */
  readonly timeoutMs: number;
  /** Sent with each request, such as `X-Scope-OrgID`; none of them is a secret. */
  readonly headers?: Readonly<Record<string, string>>;
  /** HTTP Basic (RFC 7617). */
  readonly basic?: { readonly username: string; readonly passwordFile: string };
  /** Holds a Bearer token (RFC 6750 §2.1); read again for each request, because it is renewed. */
  readonly bearerTokenFile?: string;
  /** PEM certificates of the authorities that may sign its certificate, instead of the system's. */
  readonly ca?: string;
  /** Signed with AWS Signature Version 4, as Amazon Managed Service for Prometheus (`aps`) asks. */
  readonly sigv4?: { readonly region: string; readonly service: string };
}

export interface GatePlan {
  /** How long no legacy token may have been seen; at least the cycle of the slowest client. */
  readonly silenceMs: number;
  /** The share of expected instances that must have been watched, 0..1. */
  readonly coverage: number;
  /** How long the fleet may be out of sight without the watch starting again. */
  readonly blindMs: number;
  /** How long a step of issuance stays before the next one. */
  readonly soakMs: number;
  /** A Prometheus-compatible HTTP API. */
  readonly prometheus?: PrometheusPlan;
  /** Admin base URLs of every sidecar, when there is no Prometheus. */
  readonly sidecars?: readonly string[];
  /** Reasons of unverifiable tokens that the API may take without a disagreement. */
  readonly acknowledged?: readonly RejectionReason[];
}

/** Where an enforcing sidecar gets the access-token JWT for an opaque token (RFC 8693). */
export interface ExchangePlan {
  readonly endpoint: string;
  readonly clientId: string;
  /** The environment variable that holds the client secret. */
  readonly clientSecretEnv: string;
}

/** Where revoked tokens are looked up, and by which claim. */
export interface RevocationPlan {
  /** A `redis:` or `rediss:` URL. */
  readonly redis: string;
  readonly by: 'jti' | 'sid' | 'sub';
}

export interface SidecarPlan {
  readonly service: string;
  readonly mode: 'proxy' | 'forward-auth' | 'collect';
  readonly judge: 'observe' | 'enforce';
  /** Whether CORS preflights, which carry no token, pass without being judged; absent: `pass`. */
  readonly preflight?: 'pass' | 'judge';
  /** `host:port` of the data port, or `unix:` and the path of a socket. */
  readonly listen: string;
  /** The path of a PEM certificate chain: the data port speaks TLS, HTTP/1.1 and HTTP/2. */
  readonly tlsCert?: string;
  /** The path of the certificate's private key, PEM. */
  readonly tlsKey?: string;
  /** Asks clients of the data port for a certificate, for tokens that are bound to one (RFC 8705). */
  readonly tlsRequestCert?: boolean;
  /** Base URL of the API behind a proxying sidecar, or `unix:` and the path of its socket. */
  readonly upstream?: string;
  /** The path of the PEM certificates that an https upstream is checked against; absent: those of Node.js. */
  readonly upstreamCa?: string;
  /** What the API speaks: `h2` is HTTP/2, in clear text with prior knowledge; absent: `http1`. */
  readonly upstreamProtocol?: 'http1' | 'h2';
  /** Whether simple HTTP/1.1 requests skip `node:http`; absent: they do. */
  readonly fastPath?: boolean;
  /** `host:port` of the admin port. */
  readonly admin: string;
  /** `host:port` of one more port, for a cluster's scraper and probes, and with a read token for the CLI; absent: none. */
  readonly metrics?: string;
  /** Addresses and CIDR ranges of the proxies whose `X-Forwarded-*` headers are trusted; absent: none. */
  readonly trustedProxies?: readonly string[];
  /** The public base URL of the API, where a proxy in front strips a path prefix or ends TLS. */
  readonly publicUrl?: string;
  /** The header in which a trusted proxy names the client certificate (RFC 8705, RFC 9440). */
  readonly clientCertificateHeader?: string;
  /** The one header in which trusted proxies name the method of the request that they ask about; absent: their own. */
  readonly methodHeader?: string;
  /** Paths whose responses prove nothing about a token: exact ones, or prefixes that end in `/*`. */
  readonly publicPaths?: readonly string[];
  /** `jwt`: an enforcing sidecar replaces an opaque token by the JWT that it exchanges it for; absent: `same`. */
  readonly upstreamToken?: 'same' | 'jwt';
  readonly exchange?: ExchangePlan;
  /** The maximum number of open connections on the data port. */
  readonly maxConnections?: number;
  /** How long a client may take to send a header section. */
  readonly headerTimeoutMs?: number;
  /** How long a client's connection is kept open between two requests. */
  readonly idleTimeoutMs?: number;
  /** How long the API may take to begin its response. */
  readonly responseTimeoutMs?: number;
  /** How long a client may stall while it sends a request body or reads a response. */
  readonly stallTimeoutMs?: number;
  /** Whether a close ends the connections that legacy tokens opened and that outlive them; absent: `keep`. */
  readonly legacyConnections?: 'keep' | 'end';
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
  /** Known OAuth client ids: an `aud` equal to one of them marks an ID token. Absent: unknown. */
  readonly clients?: readonly string[];
  readonly clockToleranceMs: number;
  /** Longer tokens are rejected unread. Absent: the validator's default. */
  readonly maxTokenBytes?: number;
  readonly revocation?: RevocationPlan;
  readonly flags: FlagsPlan;
  /** Where an advance without a share goes next: ascending percentages, the last one 100. */
  readonly steps: readonly number[];
  /** When the legacy audience goes away, in ms: announced on responses to legacy tokens (RFC 8594). Absent: not announced. */
  readonly sunsetMs?: number;
  readonly gate: GatePlan;
  readonly sidecar?: SidecarPlan;
}

/**
 * A plan of phase prepare: it may lack `legacy`, `target` or both while a sidecar observes, because the census has yet to
 * show what they are. Every {@link MigrationPlan} is one.
 */
export interface ObservationPlan extends Omit<MigrationPlan, 'legacy' | 'target'> {
  readonly legacy?: SidePlan;
  readonly target?: SidePlan;
}
