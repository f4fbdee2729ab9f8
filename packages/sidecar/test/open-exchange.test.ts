import { ConfigError, type IntrospectionPlan, type SidePlan } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openExchange } from '../src/open-exchange.ts';
import { type PhantomServer, startPhantomServer } from './fixture/phantom-server.ts';

let phantom: PhantomServer;

beforeEach(async () => {
  phantom = await startPhantomServer();
});
afterEach(() => phantom.close());

const ENVIRONMENT = { SECRET: 'gateway-secret' };

function side(introspection?: Partial<IntrospectionPlan>): SidePlan {
  const usual = {
    endpoint: `${phantom.url}/introspect`,
    clientId: 'gateway',
    clientSecretEnv: 'SECRET',
    authentication: 'client_secret_basic',
    response: 'json',
    impliesAudience: false,
    maxAgeSeconds: 12,
    timeoutMs: 5000,
  } as const;
  return {
    issuer: 'https://idp.example.com',
    audience: 'https://api.example.com',
    scope: '',
    tokenLifetimeMs: 1000,
    sessionLifetimeMs: 0,
    ...(introspection !== undefined && { introspection: { ...usual, ...introspection } }),
  };
}

const exchange = () => ({ endpoint: `${phantom.url}/token`, clientId: 'gateway', clientSecretEnv: 'SECRET' });

test('nothing is exchanged unless the plan says so', () => {
  expect(openExchange({ legacy: side({}) }, {}, ENVIRONMENT, Date.now)).toBeUndefined();
  expect(openExchange({ legacy: side({}) }, { upstreamToken: 'same' }, ENVIRONMENT, Date.now)).toBeUndefined();
});

test('both sides with one endpoint and one client share an exchange', async () => {
  const sides = { legacy: side({}), target: side({ impliesAudience: true }) };
  const opened = openExchange(sides, { upstreamToken: 'jwt' }, ENVIRONMENT, Date.now);

  expect(await opened?.exchange(phantom.issue('a.b.c'))).toBe('a.b.c');
  expect(phantom.requests).toHaveLength(1);
  expect(opened?.maxAgeSeconds).toBe(12);
});

test('sides with an endpoint each are both asked', async () => {
  const sides = { legacy: side({}), target: side({ clientId: 'other' }) };
  const opened = openExchange(sides, { upstreamToken: 'jwt' }, ENVIRONMENT, Date.now);

  expect(await opened?.exchange(phantom.issue('a.b.c'))).toBe('a.b.c');
  expect(phantom.requests).toHaveLength(2);
});

test('sidecar.exchange comes before introspection', async () => {
  const settings = { upstreamToken: 'jwt', exchange: exchange() } as const;
  const opened = openExchange({ legacy: side({}) }, settings, ENVIRONMENT, Date.now);

  expect(await opened?.exchange(phantom.issue('a.b.c'))).toBe('a.b.c');
  expect(phantom.requests.map(({ path }) => path)).toEqual(['/token']);
});

test.each<[string, () => unknown, string]>([
  [
    'there is nothing to exchange at',
    () => openExchange({ legacy: side() }, { upstreamToken: 'jwt' }, ENVIRONMENT, Date.now),
    'sidecar.upstreamToken: needs sidecar.exchange, or introspection of a side',
  ],
  [
    'the secret of the exchange is not set',
    () => openExchange({ legacy: side() }, { upstreamToken: 'jwt', exchange: exchange() }, {}, Date.now),
    'sidecar.exchange.clientSecretEnv: names the environment variable SECRET, which is not set',
  ],
  [
    'the secret of a side is not set',
    () => openExchange({ legacy: side({}) }, { upstreamToken: 'jwt' }, { SECRET: '' }, Date.now),
    'legacy.introspection.clientSecretEnv: names the environment variable SECRET, which is not set',
  ],
])('it is a problem of the plan if %s', (_, open, message) => {
  expect(open).toThrow(ConfigError);
  expect(open).toThrow(message);
});
