import { type AcceptedJudgement, type Judgement, rejectAccepted, UnavailableError } from '@crossfade/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AllowedRequest, createGuard, nextNonce } from '../../src/guard/guard.ts';
import type { GuardingValidator, GuardSettings } from '../../src/guard/guard-options.ts';
import { DEFAULT_RULES } from '../../src/guard/route-rules.ts';
import { createValidator } from '../../src/judge/validator.ts';
import type { JudgementContext } from '../../src/request/judgement-context.ts';
import type { RequestReader } from '../../src/request/request-reader.ts';

interface Request {
  readonly authorization: readonly string[];
  readonly certificate?: string;
}

const reader: RequestReader<Request> = {
  authorization: ({ authorization }) => authorization,
  headerValues: () => ['proof'],
  headerNames: () => [],
  method: () => 'GET',
  base: () => 'https://api.example.com',
  target: () => '/a',
  certificate: ({ certificate }) => certificate,
};
const accepted: AcceptedJudgement = {
  outcome: 'accepted',
  audience: 'target',
  afterClose: 'accepted',
  subject: 'u',
  clientId: 'c',
  scope: ['read'],
  roles: ['tester'],
  issuedAt: 1,
  expiresAt: 2,
  claims: {},
};

let asked: [token: string | undefined, context: JudgementContext | undefined][];
let verdict: () => Promise<Judgement>;
let reported: Judgement[];

/** A validator that judges as the test wants, and notes what it was asked. */
const validator: GuardingValidator = {
  judgeHeader: createValidator({ clients: [], legacy: { issuer: 'https://idp.example.com', audience: 'default-api' } })
    .judgeHeader,
  judge: (token, context) => {
    asked.push([token, context]);
    return verdict();
  },
  openSides: () => [{ side: 'target', issuer: 'i', requiredScope: [] }],
  dpopChallenge: () => ({ algorithms: ['ES256'] }),
};

function guard(settings: Partial<GuardSettings<Request>> = {}) {
  const none = { features: undefined, resourceMetadata: undefined, publicUrl: undefined, certificateHeader: undefined };
  const onJudgement = (judgement: Judgement) => reported.push(judgement);
  return createGuard<Request>({ validator, ...none, onJudgement, ...settings }, reader);
}

beforeEach(() => {
  [asked, reported] = [[], []];
  verdict = async () => accepted;
});

describe('the question to the validator', () => {
  const address = { method: 'GET', url: 'https://api.example.com/a' };

  test.each<[string, Request, (typeof asked)[number]]>([
    ['a bearer token', { authorization: ['Bearer x'] }, ['x', { scheme: 'Bearer' }]],
    [
      'a bearer token over a connection with a certificate',
      { authorization: ['Bearer x'], certificate: 'c' },
      ['x', { scheme: 'Bearer', proof: { ...address, certificate: 'c' } }],
    ],
    [
      'a DPoP token',
      { authorization: ['dpop x'], certificate: 'c' },
      ['x', { scheme: 'DPoP', proof: { ...address, dpop: ['proof'], certificate: 'c' } }],
    ],
    ['another scheme', { authorization: ['Basic x'] }, [undefined, undefined]],
    ['no header', { authorization: [] }, [undefined, undefined]],
    ['two headers', { authorization: ['DPoP x', 'Bearer y'] }, [' ', { scheme: 'Bearer' }]],
  ])('about %s', async (_, request, expected) => {
    await guard().check(request, DEFAULT_RULES);

    expect(asked).toEqual([expected]);
  });
});

describe('the decision of a guard', () => {
  const request = { authorization: ['Bearer x'] };

  test('allows a request, and recognizes it again', async () => {
    const allowed = await guard().check(request, DEFAULT_RULES);
    expect(allowed).toEqual({ accessToken: accepted, by: validator });

    const again = await guard().check(request, DEFAULT_RULES, { accessToken: accepted, by: validator });
    expect(again).toEqual(allowed);
    expect(asked).toHaveLength(1);
    expect(reported).toHaveLength(1);
  });

  test('judges again what another validator allowed', async () => {
    verdict = async () => ({ outcome: 'rejected', audience: 'foreign', reason: 'wrong_audience' });

    const decision = await guard().check(request, DEFAULT_RULES, { accessToken: accepted, by: {} });

    expect(decision).toMatchObject({ rejection: { status: 401 } });
  });

  test('challenges for DPoP where a DPoP token lacks scope', async () => {
    const rules = { ...DEFAULT_RULES, scope: ['write'] };
    const challenge = async (authorization: string) => {
      const decision = await guard().check({ authorization: [authorization] }, rules);
      return typeof decision === 'object' && 'rejection' in decision
        ? decision.rejection.headers['www-authenticate']
        : '';
    };

    expect(await challenge('DPoP x')).toMatch(/^DPoP error="insufficient_scope".*algs="ES256"/);
    expect(await challenge('Bearer x')).toMatch(/^Bearer error="insufficient_scope"/);
  });

  test('hides a feature that is closed to the caller, and reports the token to the meter', async () => {
    const features = { hasAccess: ({ roles }: { roles: readonly string[] }) => roles.includes('admin') };
    const rules = { ...DEFAULT_RULES, feature: 'f', role: ['admin'], scope: ['write'] };

    expect(await guard({ features }).check(request, rules)).toBe('hidden');
    expect(reported).toEqual([accepted]);
    verdict = async () => ({ ...accepted, roles: ['admin'] });
    expect(await guard({ features }).check(request, rules)).toMatchObject({ rejection: { status: 403 } });
  });

  test('is 503 while judging is not possible, without a judgement for the meter', async () => {
    verdict = () => Promise.reject(new UnavailableError('down', { retryAfterSeconds: 7 }));

    const decision = await guard().check(request, DEFAULT_RULES);

    expect(decision).toMatchObject({ rejection: { status: 503, headers: { 'retry-after': '7' } } });
    expect(reported).toEqual([]);
  });

  test('reports a token that could not be judged to onUnavailable, and ignores its failure', async () => {
    const error = new UnavailableError('down');
    verdict = () => Promise.reject(error);
    const missed: unknown[] = [];
    const onUnavailable = (...what: readonly unknown[]) => {
      missed.push(...what);
      throw new Error('meter');
    };

    expect(await guard({ onUnavailable }).check(request, DEFAULT_RULES)).toMatchObject({ rejection: { status: 503 } });

    expect(missed).toEqual([error, request]);
    expect(reported).toEqual([]);
  });

  test('rejects with the error when judging fails by a fault', async () => {
    verdict = () => Promise.reject(new Error('fault'));

    await expect(guard().check(request, DEFAULT_RULES)).rejects.toThrow('fault');
  });

  test('ignores a failing meter', async () => {
    const onJudgement = () => {
      throw new Error('meter');
    };

    expect(await guard({ onJudgement }).check(request, DEFAULT_RULES)).toMatchObject({ accessToken: accepted });
  });
  test('leaves the nonce of a rejection to its own headers', () => {
    expect(nextNonce('hidden')).toBeUndefined();
    expect(nextNonce({ rejection: { status: 401, headers: {}, body: '' } })).toBeUndefined();
  });
});

describe('a route that introspects always', () => {
  const rules = { ...DEFAULT_RULES, introspects: true };
  const request = { authorization: ['Bearer x'] };
  let introspected: [token: string, judgement: AcceptedJudgement][];
  let answer: () => Promise<Judgement>;
  const asking: GuardingValidator = {
    ...validator,
    introspect: (token, judgement) => {
      introspected.push([token, judgement]);
      return answer();
    },
  };
  const check = (...how: [typeof rules, AllowedRequest?]) => guard({ validator: asking }).check(request, ...how);

  beforeEach(() => {
    introspected = [];
    answer = async () => accepted;
  });

  test('asks about the token, once for all guards of a request', async () => {
    const allowed = await check(rules);
    expect(allowed).toEqual({ accessToken: accepted, by: asking, introspected: true });
    expect(introspected).toEqual([['x', accepted]]);

    expect(await check(rules, allowed as AllowedRequest)).toMatchObject({ accessToken: accepted });
    expect([introspected.length, asked.length, reported.length]).toEqual([1, 1, 1]);
  });

  test('asks when an earlier guard of the request has not, and judges the token no second time', async () => {
    const earlier = await check({ ...rules, introspects: false });
    answer = async () => rejectAccepted(accepted, { reason: 'revoked' });

    expect(await check(rules, earlier as AllowedRequest)).toMatchObject({ rejection: { status: 401 } });
    expect([introspected.length, asked.length]).toEqual([1, 1]);
    expect(reported).toEqual([accepted]);
  });

  test('asks last: not where the route refuses the token or is hidden', async () => {
    expect(await check({ ...rules, scope: ['write'] })).toMatchObject({ rejection: { status: 403 } });
    expect(await check({ ...rules, feature: 'f' })).toBe('hidden');
    expect(introspected).toEqual([]);
  });

  test('reports a revoked token with what a meter needs, also where DPoP was used', async () => {
    answer = async () => rejectAccepted(accepted, { reason: 'revoked' });
    const bound = { authorization: ['DPoP x'] };

    expect(await guard({ validator: asking }).check(bound, rules)).toMatchObject({
      rejection: { status: 401, headers: { 'www-authenticate': expect.stringMatching(/^DPoP /) } },
    });
    expect(reported).toMatchObject([{ reason: 'revoked', audience: 'target' }]);
    expect(reported[0]).toHaveProperty('token.clientId', 'c');
  });

  test('reports an outage once, and passes other faults on', async () => {
    const outages: UnavailableError[] = [];
    const onUnavailable = (error: UnavailableError) => outages.push(error);
    answer = () => Promise.reject(new UnavailableError('x'));
    const metered = guard({ validator: asking, onUnavailable });
    expect(await metered.check(request, rules)).toMatchObject({ rejection: { status: 503 } });
    expect(await metered.check(request, rules, { accessToken: accepted, by: asking })).toMatchObject({
      rejection: { status: 503 },
    });
    expect(outages).toHaveLength(1);
    expect(reported).toEqual([]);

    answer = () => Promise.reject(new Error('fault'));
    await expect(check(rules)).rejects.toThrow('fault');
  });

  test('lets nothing pass through a validator that cannot ask', async () => {
    await expect(guard().check(request, rules)).rejects.toThrow(TypeError);
  });
});
