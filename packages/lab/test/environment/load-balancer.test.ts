import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type LoadBalancer,
  type LoadBalancerOptions,
  startLoadBalancer,
  UNREACHABLE,
} from '../../src/environment/load-balancer.ts';
import { waitFor } from '../../src/environment/wait-for.ts';

const servers: Server[] = [];
const balancers: LoadBalancer[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function balance(urls: readonly string[], options?: LoadBalancerOptions): Promise<LoadBalancer> {
  const balancer = await startLoadBalancer(urls, options);
  balancers.push(balancer);
  return balancer;
}

async function get({ url }: LoadBalancer, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(new URL(path, url), { headers: { authorization: 'Bearer abc' } });
  return { status: response.status, body: await response.text() };
}

async function unreachable(): Promise<string> {
  const url = await serve(() => {});
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

afterEach(async () => {
  await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('the load balancer', () => {
  it('alternates between instances and forwards the token', async () => {
    const instance = (name: string) =>
      serve((request, response) => response.end(`${name} ${request.url} ${request.headers.authorization}`));
    const balancer = await balance([await instance('one'), await instance('other')]);
    const responses = [await get(balancer, '/orders'), await get(balancer, '/orders')];
    expect(responses.map(({ body }) => body).sort()).toEqual(['one /orders Bearer abc', 'other /orders Bearer abc']);
  });

  it('uses another instance when one cannot be reached', async () => {
    const balancer = await balance([await unreachable(), await serve((_request, response) => response.end('here'))]);
    for (let round = 0; round < 6; round += 1) expect(await get(balancer, '/')).toEqual({ status: 200, body: 'here' });
  });

  it('returns every response, errors included', async () => {
    const balancer = await balance([await serve((_request, response) => response.writeHead(503).end('later'))]);
    expect(await get(balancer, '/')).toEqual({ status: 503, body: 'later' });
  });

  it('times out with 504, which blames no token', async () => {
    const balancer = await balance([await unreachable()], { timeoutMs: 200 });
    expect(await get(balancer, '/')).toEqual({ status: 504, body: UNREACHABLE });
  });

  it('passes on the challenge and the type of a response', async () => {
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"', 'content-type': 'application/problem+json' };
    const balancer = await balance([await serve((_request, response) => response.writeHead(401, headers).end('{}'))]);
    const response = await fetch(balancer.url);
    expect([response.status, ...Object.keys(headers).map((name) => response.headers.get(name))]).toEqual([
      401,
      ...Object.values(headers),
    ]);
  });

  it('takes an instance out once no request is in flight to it, and puts it back', async () => {
    const held: (() => void)[] = [];
    const slow = await serve((_request, response) => void held.push(() => response.end('slow')));
    const balancer = await balance([slow]);
    const response = get(balancer, '/');
    await waitFor('the request to arrive', 5000, () => held.length === 1);
    let isOut = false;
    const out = balancer.takeOut(slow).then(() => {
      isOut = true;
    });
    expect(isOut).toBe(false);
    held[0]?.();
    await out;
    expect(await response).toEqual({ status: 200, body: 'slow' });

    const waiting = get(balancer, '/');
    expect(held).toHaveLength(1);
    balancer.putBack(slow);
    await waitFor('the request to arrive', 5000, () => held.length === 2);
    held[1]?.();
    expect(await waiting).toEqual({ status: 200, body: 'slow' });
  });
});
