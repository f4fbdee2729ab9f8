import { UnavailableError } from '@crossfade/core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TokenExchange } from '../../src/exchange/token-exchange.ts';
import { createValidator, type JSONWebKeySet, type ValidatorOptions } from '../../src/index.ts';
import { createSigningKey, type SigningKey, sign, startIssuer } from '../issuer.ts';

const NOW_MS = 1_800_000_000_000;
const ISSUER = 'https://idp.example.com';
const AUDIENCE = 'https://api.example.com/orders';
const [key, otherKey] = await Promise.all([createSigningKey({ kid: 'a' }), createSigningKey({ kid: 'a' })]);
const keys: JSONWebKeySet = { keys: [{ ...key.publicJwk }] };

let nowMs: number;
let exchanged: [token: string, history: string | undefined][];

beforeEach(() => {
  nowMs = NOW_MS;
  exchanged = [];
});

function jwt(claims: Record<string, unknown> = {}, signer: SigningKey = key, header: Record<string, unknown> = {}) {
  const exp = NOW_MS / 1000 + 3600;
  return sign({ iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp, ...claims }, signer, { typ: 'at+jwt', ...header });
}

function validator(
  result: string | undefined | Error,
  options: Partial<ValidatorOptions> & { readonly maxAgeSeconds?: number } = {},
) {
  const { maxAgeSeconds, ...more } = options;
  const exchange: TokenExchange = {
    exchange: async (token, history) => {
      exchanged.push([token, history]);
      if (result instanceof Error) throw result;
      return result;
    },
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
  };
  const legacy = { issuer: ISSUER, audience: AUDIENCE, keys };
  return createValidator({ legacy, exchange, now: () => nowMs, ...more });
}

describe('an opaque token', () => {
  test('is judged by the JWT that it is exchanged for, which stands beside the judgement', async () => {
    const token = await jwt();
    const gateway = validator(token);
    const judgement = await gateway.judge('opaque');

    expect(judgement).toMatchObject({ outcome: 'accepted', audience: 'legacy', subject: 'alice' });
    expect(gateway.upstreamToken(judgement)).toBe(token);
    expect(JSON.stringify(judgement)).not.toContain(token);
    expect(await gateway.judge(token)).toMatchObject({ outcome: 'accepted' });
    expect(gateway.upstreamToken(await gateway.judge(token))).toBeUndefined();
    expect(exchanged).toEqual([['opaque', 'new']]);
  });

  test('is exchanged again after the maximum age, as a known one', async () => {
    const gateway = validator(await jwt(), { maxAgeSeconds: 10 });
    await gateway.judge('opaque');
    nowMs += 9999;
    await gateway.judge('opaque');
    expect(exchanged).toHaveLength(1);

    nowMs += 1;
    await gateway.judge('opaque');
    expect(exchanged).toEqual([
      ['opaque', 'new'],
      ['opaque', 'known'],
    ]);
  });

  test('is not exchanged for a JWT that outlives its exp', async () => {
    const gateway = validator(await jwt({ exp: NOW_MS / 1000 + 5 }), { maxAgeSeconds: 3600, clockTolerance: '0s' });
    expect(await gateway.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    nowMs += 5000;

    expect(await gateway.judge('opaque')).toMatchObject({ reason: 'expired' });
    expect(exchanged).toHaveLength(2);
  });

  test('is exchanged every time without a cache, once for concurrent requests', async () => {
    const gateway = validator(await jwt(), { cache: false });
    await Promise.all([gateway.judge('opaque'), gateway.judge('opaque')]);
    await gateway.judge('opaque');

    expect(exchanged).toHaveLength(2);
  });

  test('that is not active is rejected, and never remembered', async () => {
    const gateway = validator(undefined);

    expect(await gateway.judge('opaque')).toEqual({ outcome: 'rejected', audience: 'invalid', reason: 'inactive' });
    await gateway.judge('opaque');
    expect(exchanged).toEqual([
      ['opaque', 'new'],
      ['opaque', 'new'],
    ]);
  });

  test('is exchanged again once the keys that verified its JWT have been replaced', async () => {
    const issuer = await startIssuer(key);
    const side = { issuer: issuer.url, audience: AUDIENCE };
    const gateway = validator(await jwt({ iss: issuer.url }), { legacy: side, maxAgeSeconds: 3600 });
    expect(await gateway.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    issuer.publish(otherKey);
    expect(await gateway.judge(await jwt({ iss: issuer.url }, otherKey))).toMatchObject({ outcome: 'accepted' });

    await expect(gateway.judge('opaque')).rejects.toThrow('not valid: bad_signature');
    await issuer.close();
  });

  test('is rejected where the JWT is not for this API, or no access token', async () => {
    const judged = async (token: string) => (await validator(token).judge('opaque')) as unknown;

    expect(await judged(await jwt({ aud: 'https://api.example.com/billing' }))).toMatchObject({
      reason: 'wrong_audience',
    });
    expect(await judged(await jwt({ exp: NOW_MS / 1000 - 61 }))).toMatchObject({ reason: 'expired' });
    expect(await judged(await jwt({ nonce: 'n' }, key, { typ: 'JWT' }))).toMatchObject({ reason: 'id_token' });
  });
});

test.each<[string, () => Promise<string> | string]>([
  ['another opaque token', () => 'opaque-too'],
  ['half a JWT', () => 'header.payload'],
  ['a JWT of another issuer', () => jwt({ iss: 'https://other.example.com' })],
  ['a JWT that the issuer did not sign', () => jwt({}, otherKey)],
  ['a signed introspection response', () => jwt({}, key, { typ: 'token-introspection+jwt' })],
  ['the same by its whole media type', () => jwt({}, key, { typ: 'application/Token-Introspection+JWT' })],
  ['what is nested in one', () => jwt({ token_introspection: { active: true } })],
])('an exchange for %s has failed', async (_, make) => {
  const gateway = validator(await make());
  const failure = await gateway.judge('opaque').catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(UnavailableError);
  expect(failure).toMatchObject({ dependency: 'exchange' });
  expect((failure as Error).message).not.toContain('opaque-too');
});

test('an exchange that throws has failed, whatever it throws', async () => {
  const known = new UnavailableError('down', { retryAfterSeconds: 7 });

  await expect(validator(known).judge('opaque')).rejects.toBe(known);
  await expect(validator(new Error('bug')).judge('opaque')).rejects.toMatchObject({
    dependency: 'exchange',
    message: 'an opaque token cannot be exchanged',
  });
});

test('the options take only an exchange that can exchange', () => {
  const legacy = { issuer: ISSUER, audience: AUDIENCE };

  expect(() => createValidator({ legacy, exchange: {} as TokenExchange })).toThrow('exchange: must be an object with');
});
