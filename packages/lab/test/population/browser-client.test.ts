import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { UNREACHABLE } from '../../src/environment/load-balancer.ts';
import { createBrowserClient } from '../../src/population/browser-client.ts';
import { createRandom } from '../../src/population/random.ts';
import type { Client } from '../../src/population/traffic.ts';

const ORDERS = JSON.stringify({ orders: [], audience: 'legacy' });
const LOGIN = 'GET /auth/login?login_hint=ada&returnTo=%2Forders';
let server: Server | undefined;
let client: Client | undefined;

async function visitorOf(
  responses: (request: string) => [number, string],
  {
    orders = '/orders' as const,
    requestsPerVisit = 2,
  }: { orders?: '/orders' | '/api/orders'; requestsPerVisit?: number } = {},
) {
  const visited: string[] = [];
  server = createServer((request, response) => {
    const name = `${request.method} ${request.url}`;
    visited.push(name);
    const [status, body] = responses(name);
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  client = createBrowserClient({
    user: 'ada',
    webApp: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    orders,
    requestsPerVisit: { fewest: requestsPerVisit, most: requestsPerVisit },
    random: createRandom(1),
  });
  return { client, visited };
}

afterEach(async () => {
  await client?.close();
  server?.closeAllConnections();
  server?.close();
});

describe('a user with a browser', () => {
  it('signs in by name, opens orders, signs out after the visit, and returns', async () => {
    const { client, visited } = await visitorOf(() => [200, ORDERS]);
    for (let round = 0; round < 3; round += 1) {
      expect(await client.request()).toEqual({ outcome: 'accepted', side: 'legacy' });
    }
    expect(visited).toEqual([LOGIN, 'GET /orders', 'POST /auth/logout', 'GET /orders']);
  });

  it('logs in again when the web application says that the session has ended', async () => {
    const ended = JSON.stringify({ code: 'login_required' });
    const { client, visited } = await visitorOf((name) => (name === 'GET /api/orders' ? [401, ended] : [200, ORDERS]), {
      orders: '/api/orders',
      requestsPerVisit: 9,
    });
    for (let round = 0; round < 2; round += 1) {
      expect(await client.request()).toEqual({ outcome: 'accepted', side: 'legacy' });
    }
    expect(visited).toEqual([LOGIN, 'GET /api/orders', LOGIN]);
  });

  it('distinguishes a rejection from an unreachable API', async () => {
    const { client } = await visitorOf((name) => (name === 'GET /orders' ? [504, UNREACHABLE] : [401, '']), {
      requestsPerVisit: 9,
    });
    expect(await client.request()).toEqual({ outcome: 'rejected', status: 401 });
    expect(await client.request()).toMatchObject({ outcome: 'unavailable' });
  });

  it('is unavailable, not rejected, when the site is down', async () => {
    const { client } = await visitorOf(() => [200, ORDERS]);
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    expect(await client.request()).toMatchObject({ outcome: 'unavailable' });
  });
});
