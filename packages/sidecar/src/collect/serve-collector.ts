import type { Clock, FlagSource, MigrationPlan, SidecarPlan } from '@crossfade/core';
import type { FastifyInstance } from 'fastify';
import { createAdminServer } from '../admin/admin-server.ts';
import { listen } from '../listen.ts';
import type { Log } from '../log.ts';
import { logFlags } from '../log-flags.ts';
import { createCollecting } from './collecting.ts';
import type { Taking } from './collector.ts';
import { isLoopback } from './is-loopback.ts';
import { addJudgementsRoute } from './judgements-route.ts';
import { listenForJudgements, socketPathOf } from './judgements-socket.ts';

export interface CollectorServerParts {
  readonly plan: MigrationPlan;
  readonly settings: SidecarPlan;
  readonly flags: FlagSource;
  readonly log: Log;
  readonly now: Clock;
}

/** A collector at work. */
export interface CollectorServer {
  /** Empty: there is no data port. */
  readonly dataUrl: string;
  readonly adminUrl: string;
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
  const collecting = createCollecting({ plan, settings, flags, log, now });
  let inService = true;
  // What arrives after the final counts would be in none.
  const take = (text: string): Taking => (inService ? collecting.collector.take(text) : { result: 'unavailable' });
  const parts = { ...collecting, plan, settings, now, ready: () => inService };
  const admin = createAdminServer(parts);
  if (isLoopback(settings.admin)) addJudgementsRoute(admin, { take });
  const adminUrl = await listen(admin.server, settings.admin, 'sidecar.admin', (where) => admin.listen(where));
  const path = socketPathOf(settings.listen);
  let socket: FastifyInstance | undefined;
  try {
    if (path !== undefined) socket = await listenForJudgements(path, { take });
  } catch (error) {
    await admin.close();
    throw error;
  }
  logFlags(flags, log);
  const close = async () => {
    inService = false;
    await socket?.close();
    collecting.flush();
    await Promise.all([flags.close(), admin.close()]);
  };
  let closed: Promise<void> | undefined;
  return {
    dataUrl: '',
    adminUrl,
    close() {
      closed ??= close();
      return closed;
    },
  };
}
