import { UnavailableError } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import type { LoadBalancer } from '../../src/environment/load-balancer.ts';
import { createMachineClient } from '../../src/population/machine-client.ts';

function balancer(get: LoadBalancer['get']): LoadBalancer {
  return { get, takeOut: async () => {}, putBack: () => {}, close: async () => {} };
}
const tokens = { token: async () => 'abc' };

describe('a machine', () => {
  it('sends its token and reads the response', async () => {
    const orders = balancer(async (path, token) => {
      expect([path, token]).toEqual(['/orders', 'abc']);
      return { status: 200, body: JSON.stringify({ orders: [], audience: 'target' }) };
    });
    expect(await createMachineClient(tokens, orders).request()).toEqual({ outcome: 'accepted', side: 'target' });
  });

  it('is unavailable when it gets no token or the API cannot be reached', async () => {
    const gone = () => Promise.reject(new UnavailableError('connection refused'));
    const expected = { outcome: 'unavailable', because: 'a machine got no response: connection refused' };
    expect(await createMachineClient(tokens, balancer(gone)).request()).toEqual(expected);
    expect(await createMachineClient({ token: gone }, balancer(gone)).request()).toEqual(expected);
  });
});
