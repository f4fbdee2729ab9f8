import { ConfigError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import type { GuardOptions } from '../../src/guard/guard-options.ts';
import { createRouteGuard } from '../../src/guard/route-guard.ts';
import type { RouteOptions } from '../../src/guard/route-rules.ts';
import { createValidator } from '../../src/index.ts';
import type { RequestReader } from '../../src/request/request-reader.ts';
import { createSigningKey, sign } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey({ kid: 'a' });
const validator = createValidator({
  clients: [],
  legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
});

interface Request {
  readonly authorization: readonly string[];
}
const reader: RequestReader<Request> = {
  authorization: ({ authorization }) => authorization,
  headerValues: () => [],
  headerNames: () => [],
  method: () => 'GET',
  base: () => 'https://api.example.com',
  target: () => '/orders',
  certificate: () => undefined,
};

async function bearer(claims: Record<string, unknown> = {}): Promise<Request> {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const token = await sign({ iss: ISSUER, aud: 'default-api', sub: 'u', client_id: 'c', exp, ...claims }, key);
  return { authorization: [`Bearer ${token}`] };
}

function guard(options: Partial<GuardOptions<Request> & RouteOptions> = {}, more?: Record<string, never>) {
  return createRouteGuard({ validator, ...options }, reader, 'a guard', more);
}

function problemsOf(options: object, more?: Record<string, never>): readonly string[] {
  try {
    guard(options, more);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('a route guard', () => {
  test('applies the same rules to every request', async () => {
    const check = guard({ scope: 'orders:read' });

    expect(await check(await bearer({ scope: 'openid orders:read' }))).toMatchObject({ accessToken: { subject: 'u' } });
    expect(await check(await bearer({ scope: 'openid' }))).toMatchObject({ rejection: { status: 403 } });
    expect(await check({ authorization: [] })).toMatchObject({ rejection: { status: 401 } });
  });

  test('does not judge a request again that a guard of the same validator allowed', async () => {
    const judgements: unknown[] = [];
    const request = await bearer();
    const earlier = await guard({ onJudgement: (judgement) => judgements.push(judgement) })(request);
    if (typeof earlier === 'string' || 'rejection' in earlier) throw new Error('was rejected');
    const later = guard({ scope: 'orders:read', onJudgement: (judgement) => judgements.push(judgement) });

    expect(await later(request, earlier)).toMatchObject({ rejection: { status: 403 } });
    expect(judgements).toHaveLength(1);
  });

  test('hides a route whose feature is off', async () => {
    const features = { hasAccess: ({ roles }: { roles: readonly string[] }) => roles.includes('tester') };
    const check = guard({ feature: 'dash', role: ['tester', 'staff'], features });

    expect(await check(await bearer())).toBe('hidden');
    expect(await check(await bearer({ roles: ['tester'] }))).toHaveProperty('accessToken');
  });
});

describe('the options of a route guard', () => {
  test('are rejected with every problem, in an error that names the adapter', () => {
    const wrong = { validator: {}, scope: 'a"', audience: 'legacy', role: 'r', notFound: 1, colour: 'red' };

    expect(problemsOf(wrong).toSorted()).toEqual(['audience', 'colour', 'notFound', 'role', 'scope', 'validator']);
    expect(() => guard({ role: 'r' })).toThrow('a guard');
  });

  test('need features with a feature', () => {
    expect(problemsOf({ feature: 'dash' })).toEqual(['features']);
  });

  test('have notFound only where an adapter can respond with 404', () => {
    expect(problemsOf({ notFound: () => {} })).toEqual([]);
    expect(problemsOf({ notFound: () => {} }, {})).toEqual(['notFound']);
  });
});
