import { setTimeout as sleep } from 'node:timers/promises';
import { type AcceptedJudgement, legacySunset, type SidecarPlan } from '@crossfade/core';
import { sunsetHeaders } from '@crossfade/validator';
import { createSeenKeys } from '@crossfade/validator/meter';
import type { OpenRedisDenylist } from '@crossfade/validator/redis';
import { createAdminServer } from './admin/admin-server.ts';
import { type MetricsPort, openMetricsPort } from './admin/metrics-port.ts';
import { readToken } from './admin/read-token.ts';
import { type AwaitedKeys, awaitKeys } from './await-keys.ts';
import { createCensus } from './census/census.ts';
import { createCensusObserver } from './census/census-observer.ts';
import { type Certificates, readCertificates } from './http/certificates.ts';
import type { ClientAddressOptions } from './http/client-address.ts';
import { type Limits, readLimits } from './http/limits.ts';
import type { ProofSettings } from './http/request-proof.ts';
import { createTrustedProxies } from './http/trusted-proxies.ts';
import type { Observer } from './meter/observer.ts';
import { createObservingMeter } from './meter/observing-meter.ts';
import { openForwardedHeaders } from './open-forwarded-headers.ts';
import { openUpstreamHealth } from './open-upstream-health.ts';
import { enforces, openValidator } from './open-validator.ts';
import { listen } from './process/listen.ts';
import { logFlags } from './process/log.ts';
import { createScrapes } from './process/scrapes.ts';
import type { Readiness, Sidecar, SidecarParts } from './process/sidecar.ts';
import { createDataServer } from './proxy/data-server.ts';
import { createForwardAuth } from './proxy/forward-auth.ts';
import { createReverseProxy, type ReverseProxy } from './proxy/reverse-proxy.ts';
import type { UpstreamHealth } from './proxy/upstream-health.ts';

/** `starting` until all ports listen; `stopping` from the call of `close` on. */
type State = 'starting' | 'ready' | 'stopping';

/** How long pending judgements may take after the last response: they count. */
const JUDGEMENT_GRACE_MS = 2_000;

/**
 * Serves the modes `proxy` and `forward-auth`: the data port, the admin port and, where the plan has it, the metrics port.
 * @throws {@link ConfigError} when an address cannot be listened on or a certificate cannot be read.
 */
export async function serveDataPort(parts: SidecarParts): Promise<Sidecar> {
  const { plan, settings, flags, log, now, environment } = parts;
  const token = readToken(environment);
  const limits = readLimits(settings);
  const certificates = await readCertificates(settings);
  const census = createCensus({ now });
  const { validator, upstreamToken, revocation } = await openValidator(parts, census);
  const seenKeys = createSeenKeys(validator);
  const meter = createObservingMeter({ plan, settings, flags, validator, seenKeys, log, now });
  let state: State = 'starting';
  const closing = () => state === 'stopping';

  const observer = plan.legacy === undefined ? createCensusObserver(census) : meter.observer;
  const forwardedHeaders = openForwardedHeaders(now, log);
  const address = { ...clientAddress(settings), forwardedHeaders };
  const upstream = openUpstreamHealth(now, log);
  const { health } = upstream;
  const announced = enforces(settings) ? legacySunset(plan) : undefined;
  const sunset = announced && Object.entries(sunsetHeaders(announced)).flat();
  const proxy = proxyOf({ settings, address, limits, certificates, closing, observer, upstreamToken, health, sunset });
  const handlers = proxy ?? createForwardAuth({ ...address, ...preflights(settings), observer, closing, sunset });
  const fastPath = settings.fastPath === false ? undefined : handlers.fastPath;
  const data = createDataServer({ ...handlers, fastPath }, limits, certificates.keyPair, settings.tlsRequestCert);
  const keys = enforces(settings) ? awaitKeys(validator, log, seenKeys) : undefined;
  const readiness = (): Readiness => {
    if (state !== 'ready') return { ready: false, reason: state };
    const reason = keys && cannotJudge(keys, revocation);
    return reason === undefined ? { ready: true } : { ready: false, reason };
  };
  const status = proxy === undefined ? meter.status : () => upstream.addTo(forwardedHeaders.addTo(meter.status()));
  const scrapes = createScrapes({ log });
  const read = { ...meter, status, census: census.read, scrapes, readiness };
  const admin = createAdminServer({ ...read, plan, settings, flags, environment, now });
  let metrics: MetricsPort | undefined;
  let adminUrl: string;
  let dataUrl: string;
  try {
    adminUrl = await listen(admin.server, settings.admin, 'sidecar.admin', (where) => admin.listen(where));
    metrics = await openMetricsPort({ ...read, settings, readToken: token });
    dataUrl = await listen(data.server, settings.listen, 'sidecar.listen');
  } catch (error) {
    keys?.close();
    validator.close();
    revocation?.close();
    await Promise.all([admin.close(), metrics?.close(), proxy?.close()]);
    throw error;
  }
  state = 'ready';
  logFlags(flags, log);

  const stop = async () => {
    state = 'stopping';
    const graceEndsMs = performance.now() + limits.drainDelayMs + limits.drainTimeoutMs;
    // Load balancers send requests until they notice `/readyz`.
    if (limits.drainDelayMs > 0) await sleep(limits.drainDelayMs);
    proxy?.endUpgraded();
    await data.stop(limits.drainTimeoutMs);
    await judgementsEnded(observer);
    meter.flush();
    await scrapes.awaitLast(graceEndsMs - performance.now());
    keys?.close();
    validator.close();
    revocation?.close();
    // These two close last, so that they show the counts until they are final.
    await Promise.all([proxy?.close(), flags.close(), admin.close(), metrics.close()]);
  };
  let stopped: Promise<void> | undefined;
  return {
    dataUrl,
    adminUrl,
    ...(metrics.url !== undefined && { metricsUrl: metrics.url }),
    async renewCertificate() {
      const { keyPair } = await readCertificates(settings);
      if (keyPair !== undefined) data.renewKeyPair(keyPair);
    },
    close() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Why no request could be judged yet; `undefined` from when one could. */
function cannotJudge(keys: AwaitedKeys, revocation: OpenRedisDenylist | undefined): string | undefined {
  const denylist = revocation?.wasConnected() === false ? 'the denylist has not been reached yet' : undefined;
  return [keys.missing(), denylist].filter((reason) => reason !== undefined).join('; ') || undefined;
}

interface ProxyParts {
  readonly settings: SidecarPlan;
  readonly address: ClientAddressOptions & ProofSettings;
  readonly limits: Limits;
  readonly certificates: Certificates;
  readonly observer: Observer;
  readonly upstreamToken: ((judgement: AcceptedJudgement) => string | undefined) | undefined;
  readonly closing: () => boolean;
  readonly health: UpstreamHealth;
  readonly sunset: readonly string[] | undefined;
}

function proxyOf({ settings, address, limits, certificates, ...rest }: ProxyParts): ReverseProxy | undefined {
  const { mode, upstream, judge, publicPaths, upstreamProtocol } = settings;
  if (mode !== 'proxy' || upstream === undefined) return undefined;
  return createReverseProxy({
    upstream,
    ...(certificates.upstreamCa !== undefined && { ca: certificates.upstreamCa }),
    judge,
    publicPaths,
    ...preflights(settings),
    ...rest,
    ...address,
    upstreamProtocol,
    stallTimeoutMs: limits.stallTimeoutMs,
    responseTimeoutMs: limits.responseTimeoutMs,
  });
}

function clientAddress(settings: SidecarPlan): ClientAddressOptions & ProofSettings {
  const { trustedProxies = [], publicUrl, clientCertificateHeader, tlsCert, tlsRequestCert = false, listen } = settings;
  return {
    isTrustedProxy: createTrustedProxies(trustedProxies),
    protocol: tlsCert === undefined ? 'http' : 'https',
    onUnixSocket: listen.startsWith('unix:'),
    certificateHeader: clientCertificateHeader?.toLowerCase(),
    requestsCertificate: tlsRequestCert,
    publicUrl,
  };
}

/** How preflights are recognised, and what happens to them. */
function preflights({ preflight, methodHeader }: SidecarPlan) {
  return { passesPreflights: preflight !== 'judge', methodHeader: methodHeader?.toLowerCase() };
}

async function judgementsEnded(observer: Observer): Promise<void> {
  const deadlineMs = performance.now() + JUDGEMENT_GRACE_MS;
  while (observer.pending() > 0 && performance.now() < deadlineMs) await sleep(10);
}
