import type { TokenSource } from '@crossfade/client';
import { UNREACHABLE } from '../environment/load-balancer.ts';
import { readOrders } from './read-orders.ts';
import type { Client } from './traffic.ts';

/** Creates a program that calls the API with client credentials. */
export function createMachineClient(tokens: Pick<TokenSource, 'fetch'>, orders: URL): Client {
  return {
    async request() {
      try {
        const response = await tokens.fetch(orders);
        const body = await response.text();
        if (body === UNREACHABLE) return { outcome: 'unavailable', because: 'a machine could not reach the API' };
        return readOrders({ status: response.status, body });
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown error';
        return { outcome: 'unavailable', because: `a machine got no response: ${reason}` };
      }
    },
    close: async () => {},
  };
}
