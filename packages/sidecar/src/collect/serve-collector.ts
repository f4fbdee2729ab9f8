import { requireSides } from '@crossfade/core';
import { createAdminServer } from '../admin/admin-server.ts';
import { listen } from '../process/listen.ts';
import { logFlags } from '../process/log.ts';
import type { Sidecar, SidecarParts } from '../process/sidecar.ts';
import { createCollectingMeter } from './collecting-meter.ts';
import type { BatchResult } from './collector.ts';
import { addJudgementsRoute, createJudgementsServer } from './judgements-route.ts';
import { isLoopback, isSocket } from './listen-address.ts';

/**
 * Serves the `collect` mode: the admin port, which receives judgements if it is on loopback, and the Unix socket that
 * `listen` may name. No data port.
 */
export async function serveCollector({ settings, flags, log, now, ...parts }: SidecarParts): Promise<Sidecar> {
  const plan = requireSides(parts.plan, 'sidecar.mode: collect');
  const meter = createCollectingMeter({ plan, settings, flags, log, now });
  let inService = true;
  // A batch that arrived after the final counts would be in none.
  const receive = (text: string): BatchResult =>
    inService ? meter.collector.receive(text) : { result: 'unavailable' };
  const admin = createAdminServer({ ...meter, plan, settings, now, ready: () => inService });
  if (isLoopback(settings.admin)) addJudgementsRoute(admin, { receive });
  const judgements = await createJudgementsServer({ receive });
  const adminUrl = await listen(admin.server, settings.admin, 'sidecar.admin', (where) => admin.listen(where));
  let dataUrl = '';
  try {
    if (isSocket(settings.listen)) dataUrl = await listen(judgements.server, settings.listen, 'sidecar.listen');
  } catch (error) {
    await admin.close();
    throw error;
  }
  logFlags(flags, log);

  const stop = async () => {
    inService = false;
    await judgements.close();
    meter.flush();
    await Promise.all([flags.close(), admin.close()]);
  };
  let stopped: Promise<void> | undefined;
  return {
    dataUrl,
    adminUrl,
    // Only this machine reaches a collector: it has no certificate.
    async renewCertificate() {},
    close() {
      stopped ??= stop();
      return stopped;
    },
  };
}
