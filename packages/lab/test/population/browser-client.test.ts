import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { UNREACHABLE } from '../../src/environment/web-app.ts';
import { createBrowserClient } from '../../src/population/browser-client.ts';
import { createRandom } from '../../src/population/random.ts';
import type { Client } from '../../src/population/traffic.ts';

const ORDERS = JSON.stringify({ orders: [], audience: 'legacy' });
let server: Server | undefined;
let client: Client | undefined;

async function visitorOf(responses: (path: string) => [number, string], requestsPerVisit = 2) {
  const visited: string[] = [];
  server = createServer((request, response) => {
    visited.push(request.url ?? '');
    const [status, body] = responses(request.url ?? '');
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  client = createBrowserClient({
    user: 'ada',
    webApp: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
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
    expect(visited).toEqual(['/login?user=ada', '/orders', '/logout', '/orders']);
  });

  it('distinguishes a rejection from an unreachable API', async () => {
    const { client } = await visitorOf((path) => (path === '/orders' ? [504, UNREACHABLE] : [401, '']), 9);
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
