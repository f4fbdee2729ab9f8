import type { TokenSource } from '@crossfade/client';
import type { LoadBalancer } from '../environment/load-balancer.ts';
import type { Client } from './client.ts';
import { readAnswer } from './read-response.ts';

/** A program that uses the API in its own name. */
export function createMachineClient(tokens: TokenSource, orders: LoadBalancer): Client {
  return {
    async request() {
      try {
        return readAnswer(await orders.get('/orders', await tokens.token()));
      } catch (error) {
        const why = error instanceof Error ? error.message : 'for no known reason';
        return { outcome: 'unavailable', because: `a machine got no answer: ${why}` };
      }
    },
    close: async () => {},
  };
}
