import type { Clock, ObservationPlan } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { serveCollector } from './collect/serve-collector.ts';
import { type Log, SILENT_LOG } from './process/log.ts';
import type { Sidecar } from './process/sidecar.ts';
import { serveDataPort } from './serve-data-port.ts';
import { requireSidecarPlan } from './sidecar-plan.ts';

export interface SidecarOptions {
  /** Default: silent. */
  readonly logger?: Log;
  /**
   * Directory that caches the last good flags and the issuers' public keys; processes may share it, and only this user
   * should be able to write there. A restart without network then keeps the switch positions, and judges. Default: no cache.
   */
  readonly stateFolder?: string;
  /** Holds the secrets that the plan names by variable (`clientSecretEnv`): `process.env`. Default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/**
 * Starts the sidecar that the plan's `sidecar` section describes. It starts, and in observe mode proxies, even while the
 * flag store and the issuers are unreachable.
 * A plan without `legacy` or `target` is for observing: nothing is judged without `legacy`, and the census lists all tokens.
 * @throws {@link ConfigError} when the plan has no `sidecar` section, when an address cannot be listened on, or when a
 * certificate cannot be read.
 */
export async function startSidecar(plan: ObservationPlan, options: SidecarOptions = {}): Promise<Sidecar> {
  const settings = requireSidecarPlan(plan);
  const { logger: log = SILENT_LOG, stateFolder, environment = {}, now = Date.now } = options;
  const flags = await openFlagSource(plan.flags, {
    now,
    ...(stateFolder !== undefined && { cacheDirectory: stateFolder }),
  });
  try {
    const serve = settings.mode === 'collect' ? serveCollector : serveDataPort;
    return await serve({ plan, settings, flags, log, now, environment, stateFolder });
  } catch (error) {
    await flags.close();
    throw error;
  }
}
