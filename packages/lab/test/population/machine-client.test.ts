import { UnavailableError } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import type { LoadBalancer } from '../../src/environment/load-balancer.ts';
import { createMachineClient } from '../../src/population/machine-client.ts';

function balancer(get: LoadBalancer['get']): LoadBalancer {
  return { get, takeOut: async () => {}, putBack: () => {}, close: async () => {} };
}
const tokens = { token: async () => 'abc' };

describe('a machine', () => {
  it('sends the token it holds, and reads the answer', async () => {
    const orders = balancer(async (path, token) => {
      expect([path, token]).toEqual(['/orders', 'abc']);
      return { status: 200, body: JSON.stringify({ orders: [], audience: 'target' }) };
    });
    expect(await createMachineClient(tokens, orders).request()).toEqual({ outcome: 'accepted', side: 'target' });
  });

  it('is without an answer when it gets no token, or reaches nobody', async () => {
    const gone = () => Promise.reject(new UnavailableError('nobody is there'));
    const expected = { outcome: 'unavailable', because: 'a machine got no answer: nobody is there' };
    expect(await createMachineClient(tokens, balancer(gone)).request()).toEqual(expected);
    expect(await createMachineClient({ token: gone }, balancer(gone)).request()).toEqual(expected);
  });
});
