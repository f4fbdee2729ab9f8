import { UnavailableError } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { UNREACHABLE } from '../../src/environment/load-balancer.ts';
import { createMachineClient } from '../../src/population/machine-client.ts';

const ORDERS = new URL('http://127.0.0.1:1/orders');

function machineThat(respond: (url: string) => Response | Promise<Response>) {
  return createMachineClient({ fetch: async (input) => respond(String(input)) }, ORDERS);
}

describe('a machine', () => {
  it('requests the orders and reads the response', async () => {
    const client = machineThat((url) => {
      expect(url).toBe(ORDERS.href);
      return Response.json({ orders: [], audience: 'target' });
    });
    expect(await client.request()).toEqual({ outcome: 'accepted', side: 'target' });
  });

  it('distinguishes a rejection from an unreachable API', async () => {
    expect(await machineThat(() => new Response('', { status: 401 })).request()).toEqual({
      outcome: 'rejected',
      status: 401,
    });
    expect(await machineThat(() => new Response(UNREACHABLE, { status: 504 })).request()).toMatchObject({
      outcome: 'unavailable',
    });
  });

  it('is unavailable when it gets no token', async () => {
    const client = machineThat(() => Promise.reject(new UnavailableError('connection refused')));
    expect(await client.request()).toEqual({
      outcome: 'unavailable',
      because: 'a machine got no response: connection refused',
    });
  });
});
