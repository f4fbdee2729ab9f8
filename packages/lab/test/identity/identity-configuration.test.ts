import { expect, it } from 'vitest';
import { identityConfiguration } from '../../src/identity/identity-configuration.ts';

const resource = { resource: 'http://127.0.0.1:1/orders', audience: 'orders', scope: 'orders:read' };
const overError = new Error('the session is over');

it.each([
  ['a first token lives as long as its session', undefined, 8],
  ['a rotated token lives as long as the session still does', 3, 3],
])('%s', async (_name, remainingTTL, lifetime) => {
  expect((await refreshTokenLifetime())(contextOf(remainingTTL))).toBe(lifetime);
});

it('a session that ends while it is refreshed is over: the provider takes no lifetime of 0', async () => {
  const lifetime = await refreshTokenLifetime();
  expect(() => lifetime(contextOf(0))).toThrow(overError);
});

async function refreshTokenLifetime(): Promise<(context: unknown) => number> {
  const { ttl } = await identityConfiguration(
    {
      defaultResource: resource,
      targetResource: resource,
      webApp: { clientId: 'web-app', clientSecret: 'made up here', redirectUri: 'http://127.0.0.1:1/callback' },
      machines: [],
      tokenLifetimeSeconds: 4,
      sessionLifetimeSeconds: 8,
    },
    { invalidTarget: () => new Error('unknown resource'), invalidGrant: () => overError },
  );
  return ttl?.RefreshToken as unknown as (context: unknown) => number;
}

function contextOf(remainingTTL: number | undefined) {
  return { oidc: { entities: remainingTTL === undefined ? {} : { RotatedRefreshToken: { remainingTTL } } } };
}
