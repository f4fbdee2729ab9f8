import type { MigrationPlan } from '@crossfade/core';
import type { LoadBalancer } from './load-balancer.ts';
import { type OrdersApi, type OrdersRelease, startOrdersApi } from './orders-api.ts';

/** One API instance: its port, and its URL behind the sidecar, which the load balancer uses. */
export interface OrdersInstance {
  readonly port: number;
  readonly throughSidecar: string;
}

/** The deployed instances of the orders API. */
export interface OrdersFleet {
  /** Replaces the instances one by one; each leaves the load balancer first, so no request is dropped. */
  deploy(release: OrdersRelease, balancer: LoadBalancer): Promise<void>;
  close(): Promise<void>;
}

/** Starts the instances with the release before the migration. */
export async function startOrdersFleet(
  plan: MigrationPlan,
  instances: readonly OrdersInstance[],
): Promise<OrdersFleet> {
  const running = await Promise.all(instances.map(({ port }) => startOrdersApi(plan, 'legacy-only', port)));
  return {
    async deploy(release, balancer) {
      for (const [index, { port, throughSidecar }] of instances.entries()) {
        await balancer.takeOut(throughSidecar);
        await running[index]?.close();
        running[index] = await startOrdersApi(plan, release, port);
        balancer.putBack(throughSidecar);
      }
    },
    close: async () => void (await Promise.all(running.map((api: OrdersApi) => api.close()))),
  };
}
