import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPhantomTokenExchange, createTokenExchange } from '../src/exchange.ts';
import { createValidator } from '../src/index.ts';
import { LEGACY, type OpaqueProvider, startOpaqueProvider, TARGET } from './opaque-provider.ts';

let provider: OpaqueProvider;

beforeAll(async () => {
  provider = await startOpaqueProvider();
});
afterAll(() => provider.close());

function gateway(exchange: ReturnType<typeof createTokenExchange>) {
  const { issuer } = provider;
  return createValidator({ legacy: { issuer, audience: LEGACY }, target: { issuer, audience: TARGET }, exchange });
}

describe('a real OpenID Provider', () => {
  test('exchanges an opaque token for a JWT, which is judged in its place', async () => {
    const validator = gateway(createTokenExchange({ ...provider.api, endpoint: `${provider.issuer}/token` }));
    const judgement = await validator.judge(await provider.accessToken(LEGACY));

    expect(judgement).toMatchObject({ outcome: 'accepted', audience: 'target', scope: ['orders:read'] });
    const jwt = validator.upstreamToken(judgement) ?? '';
    expect(await validator.judge(jwt)).toMatchObject({ outcome: 'accepted', audience: 'target' });
  });

  test('says of a revoked token that it is not active', async () => {
    const validator = gateway(createTokenExchange({ ...provider.api, endpoint: `${provider.issuer}/token` }));
    const token = await provider.accessToken(LEGACY);
    await provider.revoke(token);

    expect(await validator.judge(token)).toMatchObject({ outcome: 'rejected', reason: 'inactive' });
  });

  test('that gives no phantom tokens is unavailable for active ones, and rejects the others', async () => {
    const validator = gateway(createPhantomTokenExchange({ ...provider.api, issuer: provider.issuer }));
    const token = await provider.accessToken(LEGACY);

    await expect(validator.judge(token)).rejects.toMatchObject({ code: 'unavailable', dependency: 'exchange' });
    expect(await validator.judge('made-up')).toMatchObject({ outcome: 'rejected', reason: 'inactive' });
  });
});
