import { type Clock, ConfigError, type MigrationPlan } from '@crossfade/core';
import type { Log } from './log.ts';

export interface SidecarOptions {
  /** Default: silent. */
  readonly logger?: Log;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/** A running sidecar. */
export interface Sidecar {
  /** Base URL of the data port, without a trailing slash. */
  readonly dataUrl: string;
  /** Base URL of the admin port, without a trailing slash. */
  readonly adminUrl: string;
  /** Takes itself out of service, finishes what is in flight (bounded), logs the final counts. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts the sidecar that the plan's `sidecar` section describes. Starts, and in observe mode proxies, even while the
 * flag store and the issuers are unreachable.
 * @throws {@link ConfigError} when the plan has no `sidecar` section, names a mode that is not in this version, or an
 * address can't be listened on.
 */
export async function startSidecar(_plan: MigrationPlan, _options: SidecarOptions = {}): Promise<Sidecar> {
  throw new ConfigError('sidecar', [{ path: 'sidecar', message: 'is not built yet' }]);
}
