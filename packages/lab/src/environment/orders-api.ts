import { acceptanceSwitch, type MigrationPlan } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/fastify';
import { fastify } from 'fastify';

/** The deployed release: the API before the migration, or the one that accepts both audiences. */
export type OrdersRelease = 'legacy-only' | 'both';

export interface OrdersApi {
  /** Finishes the requests in flight. */
  close(): Promise<void>;
}

const ORDERS = [
  { id: 'o-1001', item: 'record player', state: 'shipped' },
  { id: 'o-1002', item: 'slipmat', state: 'packed' },
];

/** Starts one instance of the migrated API, as its owners would deploy it. */
export async function startOrdersApi(plan: MigrationPlan, release: OrdersRelease, port: number): Promise<OrdersApi> {
  const { legacy, target, ...others } = validatorOptions(plan);
  // The release before the migration has neither a target audience nor flags.
  const flags = release === 'both' ? await openFlagSource(plan.flags) : undefined;
  const validator = createValidator({
    clients: [],
    ...others,
    legacy,
    ...(flags !== undefined && target !== undefined && { target, acceptance: acceptanceSwitch(flags) }),
  });
  const app = fastify({ keepAliveTimeout: 60_000 });
  await app.register(crossfade, { validator });
  // A real API does not return the audience. This one does, so that clients can count which side they used.
  app.get('/orders', (request) => ({ orders: ORDERS, audience: request.accessToken?.audience }));
  app.addHook('onClose', async () => {
    validator.close();
    await flags?.close();
  });
  await app.listen({ host: '127.0.0.1', port });
  return { close: () => app.close() };
}
