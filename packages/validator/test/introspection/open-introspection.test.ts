import { type Acceptance, UnavailableError } from '@crossfade/core';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crossfade } from '../../src/fastify.ts';
import { createValidator, type IntrospectionOptions, type Validator, type ValidatorOptions } from '../../src/index.ts';
import { LEGACY, type OpaqueProvider, startOpaqueProvider, TARGET } from '../opaque-provider.ts';

let provider: OpaqueProvider;
beforeAll(async () => {
  provider = await startOpaqueProvider();
});
afterAll(() => provider.close());

function validatorOf(
  introspection: Partial<IntrospectionOptions> = {},
  more: Partial<ValidatorOptions> = {},
): Validator {
  const { issuer, api } = provider;
  return createValidator({
    legacy: { issuer, audience: LEGACY, introspection: { ...api, ...introspection } },
    target: { issuer, audience: TARGET, typ: 'at+jwt' },
    clients: ['batch'],
    ...more,
  });
}

describe('a migration from opaque tokens to JWTs at a real provider', () => {
  test('accepts both, each as its own side', async () => {
    const validator = validatorOf();

    expect(await validator.judge(await provider.accessToken(LEGACY, 'read'))).toMatchObject({
      outcome: 'accepted',
      audience: 'legacy',
      afterClose: 'rejected',
      clientId: 'batch',
      scope: ['read'],
      expiresAt: expect.any(Number),
      claims: { active: true, token_type: 'Bearer', aud: LEGACY, iss: provider.issuer },
    });
    const before = provider.introspections();
    expect(await validator.judge(await provider.accessToken(TARGET))).toMatchObject({
      outcome: 'accepted',
      audience: 'target',
      afterClose: 'accepted',
      scope: ['orders:read'],
    });
    expect(provider.introspections()).toBe(before);
  });

  test('applies the policy of the side to opaque tokens', async () => {
    const token = await provider.accessToken(LEGACY, 'read');
    const { issuer, api } = provider;
    const judgeWith = (policy: object, scope: string[] = []) =>
      createValidator({ clients: [], legacy: { issuer, audience: LEGACY, introspection: api, ...policy } }).judge(
        token,
        { scope },
      );

    expect(await judgeWith({})).toMatchObject({ outcome: 'accepted' });
    expect(await judgeWith({ typ: 'at+jwt', algorithms: ['ES256'] })).toMatchObject({ outcome: 'accepted' });
    expect(await judgeWith({ allowedClients: ['other'] })).toMatchObject({ reason: 'client_not_allowed' });
    expect(await judgeWith({ claims: { tenant: 't1' } })).toMatchObject({ reason: 'claim_not_allowed' });
    expect(await judgeWith({ requiredScope: ['write'] })).toMatchObject({ reason: 'insufficient_scope' });
    expect(await judgeWith({}, ['read'])).toMatchObject({ outcome: 'accepted' });
    expect(await judgeWith({}, ['admin'])).toMatchObject({ audience: 'legacy', reason: 'insufficient_scope' });
    expect(await judgeWith({ audience: 'other' })).toMatchObject({ audience: 'foreign', reason: 'wrong_audience' });
  });

  test('applies a close and a reopen at the next request, although the response is cached', async () => {
    let position: Acceptance = 'both';
    const validator = validatorOf({}, { acceptance: () => position });
    const token = await provider.accessToken(LEGACY);
    await validator.judge(token);
    const before = provider.introspections();

    position = 'target';
    expect(await validator.judge(token)).toEqual({ outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' });
    position = 'both';
    expect(await validator.judge(token)).toMatchObject({ outcome: 'accepted' });
    expect(provider.introspections()).toBe(before);
  });

  test('accepts a revoked token until the cached response is too old', async () => {
    let nowMs = Date.now();
    const validator = validatorOf({ maxAgeSeconds: 20 }, { now: () => nowMs });
    const token = await provider.accessToken(LEGACY);
    await validator.judge(token);
    await provider.revoke(token);

    nowMs += 19_999;
    expect(await validator.judge(token)).toMatchObject({ outcome: 'accepted' });
    nowMs += 1;
    expect(await validator.judge(token)).toEqual({ outcome: 'rejected', audience: 'invalid', reason: 'inactive' });
  });

  test('applies a revocation at once with a maximum age of 0 or without a cache', async () => {
    for (const validator of [validatorOf({ maxAgeSeconds: 0 }), validatorOf({}, { cache: false })]) {
      const token = await provider.accessToken(LEGACY);
      expect(await validator.judge(token)).toMatchObject({ outcome: 'accepted' });
      await provider.revoke(token);
      expect(await validator.judge(token)).toMatchObject({ reason: 'inactive' });
    }
  });

  test.each(['unknown-token', 'two.parts', 'four.parts.are.none', 'a+b/c=='])(
    'rejects %s as inactive',
    async (token) => {
      expect(await validatorOf().judge(token)).toEqual({
        outcome: 'rejected',
        audience: 'invalid',
        reason: 'inactive',
      });
    },
  );

  test('rejects a refresh token, even if the endpoint implies the audience', async () => {
    const token = await provider.refreshToken();

    expect(await validatorOf().judge(token)).toMatchObject({ outcome: 'rejected', reason: 'wrong_audience' });
    expect(await validatorOf({ impliesAudience: true }).judge(token)).toMatchObject({ reason: 'wrong_type' });
  });

  test('verifies signed responses with the keys of the issuer', async () => {
    const token = await provider.accessToken(LEGACY, 'write');
    const validator = validatorOf({ response: 'jwt', maxAgeSeconds: 0 });

    expect(await validator.judge(token)).toMatchObject({ outcome: 'accepted', audience: 'legacy', scope: ['write'] });
    expect(validator.keys()[0]).toMatchObject({ refreshes: { success: 1 } });
    await provider.revoke(token);
    expect(await validator.judge(token)).toMatchObject({ reason: 'inactive' });
  });

  test('reports wrong credentials of the API as an outage', async () => {
    const judging = validatorOf({ clientSecret: 'wrong' }).judge(await provider.accessToken(LEGACY));

    await expect(judging).rejects.toThrow(UnavailableError);
    await expect(judging).rejects.toThrow('rejects the credentials of this API (401)');
  });

  test('responds with 200, with 401 to a revoked token, and with 503 while introspection fails', async () => {
    const token = await provider.accessToken(LEGACY);
    const inject = async (introspection: Partial<IntrospectionOptions>) => {
      const app = fastify();
      await app.register(crossfade, { validator: validatorOf(introspection) });
      app.get('/', async (request) => request.accessToken?.audience);
      return app.inject({ url: '/', headers: { authorization: `Bearer ${token}` } });
    };

    expect(await inject({})).toMatchObject({ statusCode: 200, body: 'legacy' });
    await provider.revoke(token);
    const revoked = await inject({});
    expect(revoked).toMatchObject({
      statusCode: 401,
      headers: { 'www-authenticate': expect.stringContaining('Bearer error="invalid_token"') },
    });
    expect(revoked.json()).toMatchObject({ reason: 'inactive' });
    const outage = await inject({ clientSecret: 'wrong' });
    expect(outage).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(outage.headers['www-authenticate']).toBeUndefined();
    expect(outage.body).not.toContain(token);
  });

  test('introspects a token once for concurrent requests', async () => {
    const validator = validatorOf();
    const token = await provider.accessToken(LEGACY);
    const before = provider.introspections();
    const judgements = await Promise.all(Array.from({ length: 1000 }, () => validator.judge(token)));

    expect(judgements.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(provider.introspections()).toBe(before + 1);
  });
});
