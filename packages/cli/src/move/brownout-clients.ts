import { CrossfadeError, type MigrationPlan } from '@crossfade/core';
import { brownoutBucket, isInBrownout } from '@crossfade/core/bucketing';
import { listBusiest } from '../fleet/list-sidecars.ts';
import { gatherStragglers } from '../fleet/stragglers.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation } from '../verb/verb.ts';

/** The known clients with legacy tokens, and which of them a brownout of a share concerns. */
export interface BrownoutClients {
  readonly known: number;
  readonly concerned: readonly string[];
  /** The smallest share that concerns one more client; `null` if there is none. */
  readonly nextPercent: number | null;
}

/** How many clients are named. */
const MAX_NAMED = 20;

/** Asks the sidecars for the clients; `undefined` where none can be asked. */
export async function readBrownoutClients(
  plan: MigrationPlan,
  percent: number,
  { env, signal }: Pick<Invocation, 'env' | 'signal'>,
): Promise<BrownoutClients | undefined> {
  try {
    const { urls } = await listBusiest(plan, { env, signal });
    const { stragglers } = await gatherStragglers(urls, { env, signal });
    const clients = stragglers.flatMap(({ clientId }) => (clientId === null ? [] : [clientId]));
    const others = clients.filter((clientId) => !isInBrownout(clientId, percent)).map(brownoutBucket);
    return {
      known: clients.length,
      concerned: clients.filter((clientId) => isInBrownout(clientId, percent)),
      nextPercent: others.length === 0 ? null : (Math.min(...others) + 1) / 100,
    };
  } catch (error) {
    if (error instanceof CrossfadeError) return undefined;
    throw error;
  }
}

export function printBrownoutClients(report: Report, clients: BrownoutClients | undefined): void {
  if (clients === undefined) {
    report.field('clients', 'unknown: no sidecar can be asked for its stragglers', 'yellow');
    return;
  }
  const { known, concerned, nextPercent } = clients;
  report.field('clients', `${concerned.length} of ${known} known ones are concerned`);
  for (const clientId of concerned.slice(0, MAX_NAMED)) report.field('', clientId);
  if (concerned.length > MAX_NAMED) report.field('', `and ${concerned.length - MAX_NAMED} more`);
  if (nextPercent !== null) report.field('', `the next one joins at ${nextPercent}%`);
}
