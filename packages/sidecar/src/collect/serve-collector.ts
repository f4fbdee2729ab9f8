import type { Clock, FlagSource, MigrationPlan, SidecarPlan } from '@crossfade/core';
import { createAdminServer } from '../admin/admin-server.ts';
import { listen } from '../process/listen.ts';
import type { Log } from '../process/log.ts';
import { logFlags } from '../process/log-flags.ts';
import { createCollectingMeter } from './collecting-meter.ts';
import type { BatchResult } from './collector.ts';
import { addJudgementsRoute } from './judgements-route.ts';
import { createJudgementsServer } from './judgements-server.ts';
import { isLoopback, isSocket } from './listen-address.ts';

export interface CollectorServerParts {
  readonly plan: MigrationPlan;
  readonly settings: SidecarPlan;
  readonly flags: FlagSource;
  readonly log: Log;
  readonly now: Clock;
}

/** A collector at work. */
export interface CollectorServer {
  /** Where the Unix socket is; empty where there is none. */
  readonly dataUrl: string;
  readonly adminUrl: string;
  /** There is none: nothing but this machine gets here. */
  renewCertificate(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves the `collect` mode: the admin port, which takes judgements where only this machine can reach it, and the Unix
 * socket that `listen` may name. No data port.
 */
export async function serveCollector({
  plan,
  settings,
  flags,
  log,
  now,
}: CollectorServerParts): Promise<CollectorServer> {
  const collecting = createCollectingMeter({ plan, settings, flags, log, now });
  let inService = true;
  // What arrives after the final counts would be in none.
  const take = (text: string): BatchResult => (inService ? collecting.collector.take(text) : { result: 'unavailable' });
  const parts = { ...collecting, plan, settings, now, ready: () => inService };
  const admin = createAdminServer(parts);
  if (isLoopback(settings.admin)) addJudgementsRoute(admin, { take });
  const judgements = await createJudgementsServer({ take });
  const adminUrl = await listen(admin.server, settings.admin, 'sidecar.admin', (where) => admin.listen(where));
  let dataUrl = '';
  try {
    if (isSocket(settings.listen)) dataUrl = await listen(judgements.server, settings.listen, 'sidecar.listen');
  } catch (error) {
    await admin.close();
    throw error;
  }
  logFlags(flags, log);
  const close = async () => {
    inService = false;
    await judgements.close();
    collecting.flush();
    await Promise.all([flags.close(), admin.close()]);
  };
  let closed: Promise<void> | undefined;
  return {
    dataUrl,
    adminUrl,
    async renewCertificate() {},
    close() {
      closed ??= close();
      return closed;
    },
  };
}
