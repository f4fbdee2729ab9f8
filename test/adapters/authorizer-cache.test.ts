import { createRestApiAuthorizer, type RestApiAuthorizerOptions } from '@crossfade/validator/lambda';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CachingAuthorizer, withCache } from './api-gateway.ts';
import { createFixture, type Fixture } from './fixture.ts';

let fixture: Fixture;
let reader: string;
let writer: string;

beforeAll(async () => {
  fixture = await createFixture();
  reader = `Bearer ${await fixture.token({ scope: 'openid orders:read' })}`;
  writer = `Bearer ${await fixture.token({ scope: 'openid orders:read orders:write', jti: 'w' })}`;
});

function authorizer(options: Omit<RestApiAuthorizerOptions, 'validator'>): CachingAuthorizer {
  return withCache(createRestApiAuthorizer({ validator: fixture.validators.open(), ...options }));
}

async function statuses({ request }: CachingAuthorizer, token: string, methods: readonly string[]): Promise<number[]> {
  const got: number[] = [];
  for (const method of methods) got.push(await request(method, token));
  return got;
}

describe('an authorizer of a REST API whose responses are cached', () => {
  test('lets a token through to every method and path that uses it, whichever came first', async () => {
    const methods = ['GET/orders', 'GET/orders/1', 'POST/orders', 'DELETE/orders/1/lines/2', 'GET/'];

    for (const first of methods) {
      const cached = authorizer({ scope: 'orders:read' });
      expect(await statuses(cached, reader, [first, ...methods])).toEqual([200, 200, 200, 200, 200, 200]);
      expect(cached.calls()).toBe(1);
    }
  });

  test('denies a token that lacks the scope on every method that uses it', async () => {
    const cached = authorizer({ scope: 'orders:write' });

    expect(await statuses(cached, reader, ['GET/orders', 'DELETE/orders/1'])).toEqual([403, 403]);
    expect(cached.calls()).toBe(1);
  });

  test('applies to the methods that use it, and not to those of another authorizer', async () => {
    const [read, write] = [authorizer({ scope: 'orders:read' }), authorizer({ scope: 'orders:write' })];

    expect(await statuses(read, reader, ['GET/orders'])).toEqual([200]);
    expect(await statuses(write, reader, ['DELETE/orders/1'])).toEqual([403]);
    expect(await statuses(write, writer, ['DELETE/orders/1'])).toEqual([200]);
  });

  test('does not cache a rejected token', async () => {
    const cached = authorizer({});

    expect(await statuses(cached, 'Bearer a.b.c', ['GET/orders', 'GET/orders'])).toEqual([401, 401]);
    expect(cached.calls()).toBe(2);
  });

  describe('with routes', () => {
    const routes = {
      'GET /orders': { scope: 'orders:read' },
      'GET /orders/{id}': { scope: 'orders:read' },
      'DELETE /orders/{id}': { scope: 'orders:write' },
      'ANY /files/{path+}': {},
    };
    const methods = ['GET/orders', 'GET/orders/1', 'DELETE/orders/1', 'PUT/files/a/b', 'POST/orders', 'GET/'];

    test('gives each method its own verdict, whichever came first', async () => {
      for (const first of methods) {
        const cached = authorizer({ routes });
        await cached.request(first, reader);
        await cached.request(first, writer);

        expect(await statuses(cached, reader, methods)).toEqual([200, 200, 403, 200, 403, 403]);
        expect(await statuses(cached, writer, methods)).toEqual([200, 200, 200, 200, 403, 403]);
        expect(cached.calls()).toBe(2);
      }
    });

    test('demands of all what the authorizer demands', async () => {
      const cached = authorizer({ routes, scope: 'orders:write' });

      expect(await statuses(cached, reader, methods)).toEqual([403, 403, 403, 403, 403, 403]);
      expect(await statuses(cached, writer, ['GET/orders', 'DELETE/orders/1'])).toEqual([200, 200]);
    });

    test('denies every method where the token meets the rules of none', async () => {
      const cached = authorizer({ routes: { 'DELETE /orders/{id}': { scope: 'orders:write' } } });

      expect(await statuses(cached, reader, ['DELETE/orders/1', 'GET/orders'])).toEqual([403, 403]);
    });
  });
});
