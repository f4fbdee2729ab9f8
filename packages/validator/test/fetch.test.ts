import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { crossfade, protectedResource } from '../src/fetch.ts';
import { createValidator, type ProtectedResourceMetadata, type Validator } from '../src/index.ts';
import { createSigningKey, sign } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey({ kid: 'a' });

let validator: Validator;

beforeEach(() => {
  validator = createValidator({
    clients: [],
    legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
  });
});

async function request(url = 'https://api.example.com/orders', init: RequestInit = {}): Promise<Request> {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const token = await sign({ iss: ISSUER, aud: 'default-api', sub: 'u1', scope: 'read', exp }, key);
  return new Request(url, { headers: { authorization: `Bearer ${token}` }, ...init });
}

describe('a guarded handler', () => {
  test('gets the access token, and the further arguments of the server', async () => {
    const handler = crossfade({ validator }, (sent, token, env: { name: string }, context: number) =>
      Response.json([sent.method, token.subject, env.name, context]),
    );

    const response = await handler(await request(), { name: 'production' }, 7);

    expect(await response.json()).toEqual(['GET', 'u1', 'production', 7]);
  });

  test('is not called for a rejected request', async () => {
    let calls = 0;
    const handler = crossfade({ validator, scope: 'write' }, () => {
      calls += 1;
      return new Response('ok');
    });

    const rejected = await handler(await request());
    expect(rejected.status).toBe(403);
    expect(rejected.headers.get('content-type')).toBe('application/problem+json');
    expect(await rejected.json()).toMatchObject({ reason: 'insufficient_scope' });
    expect((await handler(new Request('https://api.example.com/'))).status).toBe(401);
    expect(calls).toBe(0);
  });

  test('is hidden while its feature is off, by the notFound of the application', async () => {
    const options = { validator, features: { hasAccess: () => false }, feature: 'dash' };
    const plain = await crossfade(options, () => new Response('ok'))(await request());
    expect([plain.status, await plain.text()]).toEqual([404, '404 Not Found']);

    const notFound = () => new Response('nothing here', { status: 404 });
    const own = await crossfade({ ...options, notFound }, () => new Response('ok'))(await request());
    expect(await own.text()).toBe('nothing here');
  });

  test('propagates its own errors', async () => {
    const handler = crossfade({ validator }, () => Promise.reject(new Error('mine')));

    await expect(handler(await request())).rejects.toThrow('mine');
  });
});

describe('protectedResource', () => {
  const resource = 'https://api.example.com/orders';

  test('responds only at its path', async () => {
    const metadata = protectedResource({ validator, resource });
    const at = (path: string, method = 'GET') => metadata(new Request(`https://api.example.com${path}`, { method }));

    const response = at('/.well-known/oauth-protected-resource/orders');
    expect(await response?.json()).toMatchObject({ resource, authorization_servers: [ISSUER] });
    expect(await at('/.well-known/oauth-protected-resource/orders', 'HEAD')?.text()).toBe('');
    expect(at('/.well-known/oauth-protected-resource')).toBeUndefined();
    expect(at('/.well-known/oauth-protected-resource/orders', 'POST')).toBeUndefined();
  });

  test('follows the acceptance switch', async () => {
    const legacy = { issuer: ISSUER, audience: 'a' };
    const target = { issuer: 'https://new.example.com', audience: 'b' };
    let acceptance: 'both' | 'target' = 'both';
    const metadata = protectedResource({
      validator: createValidator({ clients: [], legacy, target, acceptance: () => acceptance }),
      resource,
    });
    const issuers = async () => {
      const request = new Request('https://api.example.com/.well-known/oauth-protected-resource/orders');
      const document = (await (metadata(request) ?? Response.error()).json()) as ProtectedResourceMetadata;
      return document.authorization_servers;
    };

    expect(await issuers()).toEqual(['https://new.example.com', ISSUER]);
    acceptance = 'target';
    expect(await issuers()).toEqual(['https://new.example.com']);
  });
});

test('imports nothing from Node.js in its own files', () => {
  const own = [
    'fetch.ts',
    'request/fetch-request-reader.ts',
    'guard/route-guard.ts',
    'guard/guard.ts',
    'guard/protected-resource-metadata.ts',
  ];
  const read = (file: string) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');

  expect(own.filter((file) => /from 'node:|\bBuffer\b|\bprocess\./.test(read(file)))).toEqual([]);
});
