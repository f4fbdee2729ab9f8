import fastify, { type FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { routeConfigOf } from '../../src/adapters/fastify-route-config.ts';

test('returns the config that Fastify reports, in any scope and for a path without a route', async () => {
  const app = fastify();
  const seen: [read: unknown, reported: unknown][] = [];
  app.addHook('onRequest', async (request) => {
    seen.push([routeConfigOf(request), request.routeOptions.config]);
  });
  app.get('/orders', { config: { crossfade: { scope: 'orders:read' } } }, async () => 'ok');
  app.register(async (scope) => scope.get('/:id', { config: { crossfade: { public: true } } }, async () => 'ok'), {
    prefix: '/carts',
  });
  for (const path of ['/orders', '/carts/1', '/nowhere']) await app.inject(path);
  await app.close();

  expect(seen.map(([read]) => read)).toMatchObject([
    { url: '/orders', crossfade: { scope: 'orders:read' } },
    { url: '/carts/:id', crossfade: { public: true } },
    {},
  ]);
  for (const [read, reported] of seen) expect(read).toBe(reported);
});

test('falls back to the public property where Fastify keeps its routes elsewhere', () => {
  const config = { url: '/orders' };
  expect(routeConfigOf({ routeOptions: { config } } as unknown as FastifyRequest)).toBe(config);
});
