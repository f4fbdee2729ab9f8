import { requireSides } from '@crossfade/core';
import { createAdminServer } from '../admin/admin-server.ts';
import { type MetricsPort, openMetricsPort } from '../admin/metrics-port.ts';
import { readToken } from '../admin/read-token.ts';
import { readLimits } from '../http/limits.ts';
import { listen } from '../process/listen.ts';
import { logFlags } from '../process/log.ts';
import { createScrapes } from '../process/scrapes.ts';
import type { Readiness, Sidecar, SidecarParts } from '../process/sidecar.ts';
import { createCollectingMeter } from './collecting-meter.ts';
import type { BatchResult } from './collector.ts';
import { addJudgementsRoute, createJudgementsServer } from './judgements-route.ts';
import { isLoopback, isSocket } from './listen-address.ts';

/**
 * Serves the `collect` mode: the admin port, which receives judgements if it is on loopback, the Unix socket that `listen`
 * may name, and the metrics port where the plan has it. No data port.
 */
export async function serveCollector({ settings, flags, log, now, ...parts }: SidecarParts): Promise<Sidecar> {
  const plan = requireSides(parts.plan, 'sidecar.mode: collect');
  const token = readToken(parts.environment);
  const meter = createCollectingMeter({ plan, settings, flags, log, now });
  let inService = true;
  // A batch that arrived after the final counts would be in none.
  const receive = (text: string): BatchResult =>
    inService ? meter.collector.receive(text) : { result: 'unavailable' };
  const readiness = (): Readiness => (inService ? { ready: true } : { ready: false, reason: 'stopping' });
  const scrapes = createScrapes({ log });
  const { drainTimeoutMs } = readLimits(settings);
  const read = { ...meter, scrapes, readiness };
  const admin = createAdminServer({ ...read, plan, settings, flags, environment: parts.environment, now });
  if (isLoopback(settings.admin)) addJudgementsRoute(admin, { receive });
  const judgements = await createJudgementsServer({ receive });
  const adminUrl = await listen(admin.server, settings.admin, 'sidecar.admin', (where) => admin.listen(where));
  let metrics: MetricsPort | undefined;
  let dataUrl = '';
  try {
    metrics = await openMetricsPort({ ...read, settings, readToken: token });
    if (isSocket(settings.listen)) dataUrl = await listen(judgements.server, settings.listen, 'sidecar.listen');
  } catch (error) {
    await Promise.all([admin.close(), metrics?.close()]);
    throw error;
  }
  logFlags(flags, log);

  const stop = async () => {
    inService = false;
    await judgements.close();
    meter.flush();
    await scrapes.awaitLast(drainTimeoutMs);
    await Promise.all([flags.close(), admin.close(), metrics.close()]);
  };
  let stopped: Promise<void> | undefined;
  return {
    dataUrl,
    adminUrl,
    ...(metrics.url !== undefined && { metricsUrl: metrics.url }),
    // Only this machine reaches a collector: it has no certificate.
    async renewCertificate() {},
    close() {
      stopped ??= stop();
      return stopped;
    },
  };
}
