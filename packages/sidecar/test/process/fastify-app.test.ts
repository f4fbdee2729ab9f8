import { afterEach, expect, test } from 'vitest';
import { createFastifyApp } from '../../src/process/fastify-app.ts';

let app: ReturnType<typeof createFastifyApp>;
afterEach(() => app.close());

test('routes without schemas send text and JSON, and read JSON', async () => {
  app = createFastifyApp('end');
  app.get('/text', async () => 'text');
  app.post('/echo', async ({ body }) => ({ body }));

  expect((await app.inject('/text')).body).toBe('text');
  expect((await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })).json()).toEqual({ body: { a: 1 } });
  expect((await app.inject('/none')).statusCode).toBe(404);
});

test.each([
  ['of a response', { response: { 200: { type: 'object' } } }],
  ['of a request', { querystring: { type: 'object' } }],
])('a route with a schema %s fails at the start, and not when it is asked', async (_what, schema) => {
  app = createFastifyApp('end');
  app.get('/', { schema }, async () => ({}));
  await expect(async () => app.ready()).rejects.toThrow('schema');
});
