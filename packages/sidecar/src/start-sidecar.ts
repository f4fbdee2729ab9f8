import { setTimeout as sleep } from 'node:timers/promises';
import { acceptanceSwitch, type Clock, type FlagSource, type MigrationPlan, type SidecarPlan } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { createAdminServer } from './admin/admin-server.ts';
import { serveCollector } from './collect/serve-collector.ts';
import { type Certificates, readCertificates } from './http/certificates.ts';
import { type Limits, readLimits } from './http/limits.ts';
import type { Observer } from './meter/observer.ts';
import { createObservingMeter } from './meter/observing-meter.ts';
import { listen } from './process/listen.ts';
import { type Log, SILENT_LOG } from './process/log.ts';
import { logFlags } from './process/log-flags.ts';
import { createDataServer } from './proxy/data-server.ts';
import { createForwardAuth } from './proxy/forward-auth.ts';
import { createReverseProxy, type ReverseProxy } from './proxy/reverse-proxy.ts';
import { requireSidecarPlan } from './sidecar-plan.ts';

export interface SidecarOptions {
  /** Default: silent. */
  readonly logger?: Log;
  /**
   * Directory that caches the last good flags; processes may share it. A restart without network then keeps the switch
   * positions. Default: no cache.
   */
  readonly stateFolder?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/** A running sidecar. */
export interface Sidecar {
  /** Base URL of the data port, without a trailing slash; empty in `collect` mode, which has none. */
  readonly dataUrl: string;
  /** Base URL of the admin port, without a trailing slash. */
  readonly adminUrl: string;
  /**
   * Reads the certificate of the data port and its key again, for the connections to come; without TLS, does nothing.
   * @throws {@link ConfigError} when they can't be read or don't fit; the ones before stay.
   */
  renewCertificate(): Promise<void>;
  /** Takes itself out of service, finishes what is in flight (bounded), logs the final counts. Idempotent. */
  close(): Promise<void>;
}

/** How long judgements may take to end when everything else has: they count. */
const JUDGEMENT_GRACE_MS = 2_000;

/**
 * Starts the sidecar that the plan's `sidecar` section describes. Starts, and in observe mode proxies, even while the
 * flag store and the issuers are unreachable.
 * @throws {@link ConfigError} when the plan has no `sidecar` section, or an address can't be listened on.
 */
export async function startSidecar(plan: MigrationPlan, options: SidecarOptions = {}): Promise<Sidecar> {
  const settings = requireSidecarPlan(plan);
  const { logger: log = SILENT_LOG, stateFolder, now = Date.now } = options;
  const flags = await openFlagSource(plan.flags, {
    now,
    ...(stateFolder !== undefined && { cacheDirectory: stateFolder }),
  });
  try {
    const parts = { plan, settings, flags, log, now };
    if (settings.mode !== 'collect') return await serve(parts);
    return { ...(await serveCollector(parts)), async renewCertificate() {} };
  } catch (error) {
    await flags.close();
    throw error;
  }
}

interface Parts {
  readonly plan: MigrationPlan;
  readonly settings: SidecarPlan;
  readonly flags: FlagSource;
  readonly log: Log;
  readonly now: Clock;
}

async function serve({ plan, settings, flags, log, now }: Parts): Promise<Sidecar> {
  const limits = readLimits(settings);
  const certificates = await readCertificates(settings);
  const validator = createValidator({ ...validatorOptions(plan), acceptance: acceptanceSwitch(flags), now });
  const counting = createObservingMeter({ plan, settings, flags, validator, log, now });
  let inService = true;
  let isListening = false;
  const closing = () => !inService;

  const proxy = proxyOf({ settings, limits, certificates, closing, observer: counting.observer });
  const handlers = proxy ?? createForwardAuth(counting.observer, closing);
  const data = createDataServer(handlers, limits, certificates.keyPair);
  const admin = createAdminServer({ ...counting, plan, settings, now, ready: () => isListening && inService });
  const adminUrl = await listen(admin.server, settings.admin, 'sidecar.admin', (where) => admin.listen(where));
  let dataUrl: string;
  try {
    dataUrl = await listen(data.server, settings.listen, 'sidecar.listen');
  } catch (error) {
    await Promise.all([admin.close(), proxy?.close()]);
    throw error;
  }
  isListening = true;
  logFlags(flags, log);

  const close = async () => {
    inService = false;
    // Until whoever watches the readiness has seen it, requests still come, and are served.
    if (limits.drainDelayMs > 0) await sleep(limits.drainDelayMs);
    proxy?.endUpgraded();
    await data.stop(limits.drainTimeoutMs);
    await judgementsEnded(counting.observer);
    counting.flush();
    validator.close();
    // The admin port goes last: until here it shows what is still being counted.
    await Promise.all([proxy?.close(), flags.close(), admin.close()]);
  };
  let closed: Promise<void> | undefined;
  return {
    dataUrl,
    adminUrl,
    async renewCertificate() {
      const { keyPair } = await readCertificates(settings);
      if (keyPair !== undefined) data.renewKeyPair(keyPair);
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}

interface ProxyParts {
  readonly settings: SidecarPlan;
  readonly limits: Limits;
  readonly certificates: Certificates;
  readonly observer: Observer;
  readonly closing: () => boolean;
}

function proxyOf({ settings, limits, certificates, observer, closing }: ProxyParts): ReverseProxy | undefined {
  const { mode, upstream, judge, trustedProxies = [] } = settings;
  if (mode !== 'proxy' || upstream === undefined) return undefined;
  return createReverseProxy({
    upstream,
    ...(certificates.upstreamCa !== undefined && { ca: certificates.upstreamCa }),
    judge,
    observer,
    closing,
    protocol: certificates.keyPair === undefined ? 'http' : 'https',
    trustedProxies,
    onUnixSocket: settings.listen.startsWith('unix:'),
    stallTimeoutMs: limits.stallTimeoutMs,
  });
}

async function judgementsEnded(observer: Observer): Promise<void> {
  const deadlineMs = performance.now() + JUDGEMENT_GRACE_MS;
  while (observer.pending() > 0 && performance.now() < deadlineMs) await sleep(10);
}
