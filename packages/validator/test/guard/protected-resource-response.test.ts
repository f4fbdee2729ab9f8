import { type Acceptance, ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createProtectedResourceResponse } from '../../src/guard/protected-resource-response.ts';
import { createValidator } from '../../src/index.ts';

const legacy = { issuer: 'https://old.example.com', audience: 'default-api' };
const target = { issuer: 'https://new.example.com', audience: 'https://api.example.com/orders' };
const validator = createValidator({ legacy, target });

test.each([
  ['https://api.example.com', '/.well-known/oauth-protected-resource'],
  ['https://api.example.com/orders/v1', '/.well-known/oauth-protected-resource/orders/v1'],
  ['https://api.example.com/orders?k=1', '/.well-known/oauth-protected-resource/orders'],
])('the document of %s is served at %s', (resource, path) => {
  expect(createProtectedResourceResponse({ validator, resource }).path).toBe(path);
});

test('is JSON that nobody keeps for long', () => {
  const { headers, body } = createProtectedResourceResponse({ validator, resource: 'https://api.example.com' });

  expect(headers).toEqual({ 'content-type': 'application/json', 'cache-control': 'public, max-age=60' });
  expect(JSON.parse(body())).toMatchObject({ resource: 'https://api.example.com' });
});

test('says at each request what holds at that moment', () => {
  let acceptance: Acceptance = 'both';
  const switched = createValidator({ legacy, target, acceptance: () => acceptance });
  const { body } = createProtectedResourceResponse({ validator: switched, resource: 'https://api.example.com' });
  const servers = () => (JSON.parse(body()) as { authorization_servers: string[] }).authorization_servers;

  expect(servers()).toEqual([target.issuer, legacy.issuer]);
  acceptance = 'target';
  expect(servers()).toEqual([target.issuer]);
});

test('refuses a resource that is none before anybody asks', () => {
  expect(() => createProtectedResourceResponse({ validator, resource: 'orders' })).toThrow(ConfigError);
});
