import type { TokenSource } from '@crossfade/client';
import type { LoadBalancer } from '../environment/load-balancer.ts';
import { readOrders } from './read-orders.ts';
import type { Client } from './traffic.ts';

/** Creates a program that calls the API with client credentials. */
export function createMachineClient(tokens: Pick<TokenSource, 'token'>, orders: LoadBalancer): Client {
  return {
    async request() {
      try {
        return readOrders(await orders.get('/orders', await tokens.token()));
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown error';
        return { outcome: 'unavailable', because: `a machine got no response: ${reason}` };
      }
    },
    close: async () => {},
  };
}
