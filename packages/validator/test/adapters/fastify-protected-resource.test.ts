import fastify from 'fastify';
import { expect, test } from 'vitest';
import { crossfade, protectedResource } from '../../src/fastify.ts';
import { createValidator } from '../../src/index.ts';

const validator = createValidator({
  clients: [],
  legacy: { issuer: 'https://idp.example.com', audience: 'default-api' },
});
const resource = 'https://api.example.com/orders';

test('serves the metadata of the API without a token, and challenges point to it', async () => {
  const app = fastify();
  await app.register(crossfade, { validator, resource });
  await app.register(protectedResource, { validator, resource, scopes: ['orders:read'] });
  app.get('/', async () => 'ok');

  const response = await app.inject('/.well-known/oauth-protected-resource/orders');
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toBe('application/json');
  expect(response.json()).toEqual({
    resource,
    authorization_servers: ['https://idp.example.com'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['orders:read'],
  });
  const rejected = await app.inject('/');
  expect(rejected.headers['www-authenticate']).toBe(
    'Bearer resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/orders"',
  );
  await app.close();
});

test('is rejected below a prefix, where clients would not find it', async () => {
  const app = fastify();
  app.register(async (scope) => scope.register(protectedResource, { validator, resource }), { prefix: '/api' });

  await expect(app.ready()).rejects.toThrow('prefix: must be absent');
});
