import type { Clock, FlagSource, ObservationPlan, SidecarPlan } from '@crossfade/core';
import type { Log } from './log.ts';

/** What every mode is served from. */
export interface SidecarParts {
  readonly plan: ObservationPlan;
  /** The plan's `sidecar` section. */
  readonly settings: SidecarPlan;
  /** Closed by the sidecar. */
  readonly flags: FlagSource;
  readonly log: Log;
  readonly now: Clock;
  /** Keeps what must survive a restart; absent: nothing does. */
  readonly stateFolder?: string | undefined;
  /** Holds the secrets that the plan names by variable. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Whether new requests should be sent to a sidecar. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not, for operators. */
  readonly reason?: string;
}

/** A running sidecar. */
export interface Sidecar {
  /** Base URL of the data port, without a trailing slash; in `collect` mode the Unix socket, or empty without one. */
  readonly dataUrl: string;
  /** Base URL of the admin port, without a trailing slash. */
  readonly adminUrl: string;
  /** Base URL of the port for the scraper, without a trailing slash; absent unless the plan has `sidecar.metrics`. */
  readonly metricsUrl?: string;
  /**
   * Reads the certificate of the data port and its key again, for new connections. Does nothing without TLS.
   * @throws {@link ConfigError} when they cannot be read or do not match; the previous ones stay in use.
   */
  renewCertificate(): Promise<void>;
  /** Goes out of service, finishes the requests in flight within a time limit, logs the final counts. Idempotent. */
  close(): Promise<void>;
}
