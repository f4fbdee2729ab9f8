import { type Acceptance, ConfigError, type Judgement, UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createValidator, type SideOptions, TokenRejectedError, type ValidatorOptions } from '../../src/index.ts';
import { createSigningKey, sign, startIssuer, type TestIssuer } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const TARGET = 'https://api.example.com/orders';
const NOW = 1_800_000_000;

const key = await createSigningKey({ kid: 'a' });
const newKey = await createSigningKey({ kid: 'b' });
const keys = { keys: [key.publicJwk] };
const legacy: SideOptions = { issuer: ISSUER, audience: 'default-api', keys };
const target: SideOptions = { issuer: ISSUER, audience: TARGET };

function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: ISSUER, aud: 'default-api', sub: 'u1', client_id: 'web-app', iat: NOW - 60, exp: NOW + 60, ...more };
}

function validator(options: Partial<ValidatorOptions> = {}) {
  return createValidator({
    legacy,
    target,
    clients: ['web-app'],
    clockTolerance: '5s',
    now: () => NOW * 1000,
    ...options,
  });
}

async function judge(more: Record<string, unknown>, options: Partial<ValidatorOptions> = {}): Promise<Judgement> {
  return validator(options).judge(await sign(claims(more), key));
}

describe('judge', () => {
  test('describes an accepted token in full', async () => {
    const more = { scope: 'openid read', roles: ['admin'], tenant: 't1' };

    expect(await judge(more)).toEqual({
      outcome: 'accepted',
      audience: 'legacy',
      afterClose: 'rejected',
      subject: 'u1',
      clientId: 'web-app',
      scope: ['openid', 'read'],
      roles: ['admin'],
      issuedAt: NOW - 60,
      expiresAt: NOW + 60,
      claims: claims(more),
    });
  });

  test.each([undefined, ''])('rejects %j with missing_token', async (token) => {
    expect(await validator().judge(token)).toEqual({ outcome: 'rejected', audience: 'none', reason: 'missing_token' });
  });

  test('demands the scope of the request, too', async () => {
    const token = await sign(claims({ scope: 'read' }), key);

    expect(await validator().judge(token, { scope: ['read'] })).toMatchObject({ outcome: 'accepted' });
    expect(await validator().judge(token, { scope: ['read', 'write'] })).toEqual({
      outcome: 'rejected',
      audience: 'legacy',
      reason: 'insufficient_scope',
      scope: ['read', 'write'],
    });
  });

  test('reads the acceptance switch at every request', async () => {
    let position: Acceptance = 'both';
    const switched = validator({ acceptance: () => position });
    const token = await sign(claims(), key);

    expect(await switched.judge(token)).toMatchObject({ outcome: 'accepted' });
    expect(switched.openSides().map(({ side }) => side)).toEqual(['target', 'legacy']);
    position = 'target';
    expect(switched.acceptance()).toBe('target');
    expect(switched.openSides().map(({ side }) => side)).toEqual(['target']);
    expect(await switched.judge(token)).toEqual({ outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' });
    position = 'both';
    expect(await switched.judge(token)).toMatchObject({ outcome: 'accepted' });
  });

  test('leaves legacy open when the switch cannot be read', async () => {
    const broken = (): Acceptance => {
      throw new Error('no flags');
    };

    expect(await judge({}, { acceptance: broken })).toMatchObject({ outcome: 'accepted' });
    expect(await judge({}, { acceptance: () => undefined as unknown as Acceptance })).toMatchObject({
      outcome: 'accepted',
    });
  });

  test('leaves legacy open without a target side, whatever the switch says', async () => {
    const prepare = createValidator({ clients: [], legacy, acceptance: () => 'target', now: () => NOW * 1000 });

    expect(prepare.acceptance()).toBe('legacy');
    expect(prepare.openSides()).toMatchObject([{ side: 'legacy' }]);
    expect(await prepare.judge(await sign(claims(), key))).toMatchObject({
      outcome: 'accepted',
      afterClose: 'rejected',
    });
    expect(prepare.keys()).toHaveLength(1);
  });

  test('accepts Cognito access tokens by client id, and no other Cognito token', async () => {
    const cognito = { legacy: { issuer: ISSUER, clientIds: ['web-app'], keys: legacy.keys as URL } };
    const access = { aud: undefined, token_use: 'access', 'cognito:groups': ['admins'] };

    expect(await judge(access, cognito)).toMatchObject({ outcome: 'accepted', audience: 'legacy', roles: ['admins'] });
    expect(await judge({ ...access, client_id: 'other' }, cognito)).toMatchObject({ reason: 'wrong_audience' });
    expect(await judge({ ...access, token_use: undefined }, cognito)).toMatchObject({ reason: 'wrong_type' });
    expect(await judge({ aud: 'web-app', token_use: 'id' }, cognito)).toMatchObject({ reason: 'id_token' });
    expect(await judge({ aud: TARGET, token_use: 'access' }, cognito)).toMatchObject({ audience: 'target' });
  });

  describe.each([
    ['legacy', 'default-api'],
    ['target', TARGET],
  ] as const)('of a token with another audience next to that of %s', (side, audience) => {
    const refusing = (foreignAudiences: SideOptions['foreignAudiences'] & {}) => ({
      legacy: { ...legacy, foreignAudiences },
      target: { ...target, foreignAudiences },
    });

    test('tolerates it (RFC 7519 §4.1.3)', async () => {
      const aud = [audience, 'https://idp.example.com/userinfo'];

      expect(await judge({ aud })).toMatchObject({ outcome: 'accepted', audience: side });
      expect(await judge({ aud: aud.toReversed() })).toMatchObject({ outcome: 'accepted', audience: side });
    });

    test('tolerates a known client only if a mark says that it is an access token', async () => {
      const aud = [audience, 'web-app'];

      expect(await judge({ aud, scope: 'openid' })).toMatchObject({ audience: side, reason: 'id_token' });
      expect(await judge({ aud, typ: 'Bearer' })).toMatchObject({ outcome: 'accepted', audience: side });
    });

    test('refuses it where the options say so, and never the audience of the other side', async () => {
      const options = refusing('refuse');

      expect(await judge({ aud: [audience, 'x'] }, options)).toMatchObject({
        audience: side,
        reason: 'foreign_audience',
      });
      expect(await judge({ aud: [audience, ''] }, options)).toMatchObject({
        audience: side,
        reason: 'foreign_audience',
      });
      expect(await judge({ aud: ['default-api', TARGET] }, options)).toMatchObject({
        outcome: 'accepted',
        audience: 'bridge',
        afterClose: 'accepted',
      });
    });

    test('refuses all but those of a list', async () => {
      const options = refusing(['billing']);

      expect(await judge({ aud: [audience, 'billing'] }, options)).toMatchObject({
        outcome: 'accepted',
        audience: side,
      });
      expect(await judge({ aud: [audience, 'billing', 'x'] }, options)).toMatchObject({ reason: 'foreign_audience' });
    });
  });

  test('takes one of several audiences and of several spellings of the issuer, with the keys of one of them', async () => {
    const issuer = [ISSUER, `${ISSUER}/`];
    const options = { legacy: { ...legacy, issuer, audience: ['api://default', 'default'] } };

    for (const iss of issuer) {
      for (const aud of ['api://default', ['x', 'default']]) {
        expect(await judge({ iss, aud }, options)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
      }
    }
    expect(await judge({ aud: ['default', TARGET] }, options)).toMatchObject({ audience: 'bridge' });
    expect(await judge({ iss: 'https://idp', aud: 'default' }, options)).toMatchObject({ reason: 'wrong_issuer' });
  });

  test('takes tokens without aud, if they are marked or of a known client', async () => {
    const options = { legacy: { issuer: ISSUER, withoutAudience: true, keys } as const };

    for (const aud of [undefined, null, [], '']) {
      expect(await judge({ aud }, options)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
      const unlisted = { aud, client_id: 'unlisted', scope: 'read' };
      expect(await judge(unlisted, options)).toMatchObject({ audience: 'legacy', reason: 'wrong_type' });
      expect(await judge({ ...unlisted, typ: 'Bearer' }, options)).toMatchObject({ outcome: 'accepted' });
    }
    expect(await judge({ aud: 'x' }, options)).toMatchObject({ audience: 'foreign', reason: 'wrong_audience' });
  });

  test('takes any access token that is not the target’s, where the risk is acknowledged', async () => {
    const anyAudience = { issuer: ISSUER, anyAudience: true, acknowledgeRisk: true, keys } as const;
    const options = { legacy: anyAudience };

    for (const aud of ['x', ['x', 'y'], undefined]) {
      expect(await judge({ aud }, options)).toMatchObject({
        outcome: 'accepted',
        audience: 'legacy',
        afterClose: 'rejected',
      });
    }
    expect(await judge({ aud: ['x', TARGET] }, options)).toMatchObject({ audience: 'target', afterClose: 'accepted' });
    expect(await judge({ aud: 'web-app', scope: 'openid' }, options)).toMatchObject({ reason: 'id_token' });
    expect(await judge({ aud: 'x', iss: 'https://idp' }, options)).toMatchObject({ reason: 'wrong_issuer' });
  });

  test('accepts a token that was issued in the future, and rejects one that is valid only then', async () => {
    expect(await judge({ iat: NOW + 3600, exp: NOW + 7200 })).toMatchObject({ outcome: 'accepted' });
    expect(await judge({ nbf: NOW + 3600, exp: NOW + 7200 })).toMatchObject({ reason: 'not_yet_valid' });
  });

  test('applies the clock tolerance and the size limit of the options', async () => {
    const expired = { exp: NOW - 10 };

    expect(await judge(expired)).toMatchObject({ reason: 'expired' });
    expect(await judge(expired, { clockTolerance: '11s' })).toMatchObject({ outcome: 'accepted' });
    expect(await judge({}, { maxTokenBytes: 100 })).toMatchObject({ audience: 'invalid', reason: 'token_too_large' });
    expect(await judge({ pad: 'x'.repeat(12_300) })).toMatchObject({ reason: 'token_too_large' });
  });
});

describe('judgeHeader', () => {
  const rejection: Judgement = { outcome: 'rejected', audience: 'none', reason: 'missing_token' };
  const wrapped: Judgement = { ...rejection, reason: 'bad_signature' };
  const proof = { method: 'GET', url: 'https://api.example.com/orders', dpop: ['a-proof'] };

  async function remembering() {
    const inner = validator();
    const header = `Bearer ${await sign(claims(), key)}`;
    await inner.judgeHeader(header);
    return { inner, header };
  }

  test('judges a remembered token without a promise', async () => {
    const { inner, header } = await remembering();
    expect(inner.judgeHeader(header)).toMatchObject({ outcome: 'accepted', subject: 'u1' });
  });

  test('judges through the judge of an object that wraps the validator, however it wraps it', async () => {
    const { inner, header } = await remembering();
    const judge = async () => wrapped;
    for (const wrapper of [
      { ...inner, judge },
      Object.assign(Object.create(inner), { judge }) as typeof inner,
      new Proxy(inner, { get: (of, name) => (name === 'judge' ? judge : Reflect.get(of, name)) }),
      { judgeHeader: inner.judgeHeader, judge },
      { ...inner, judge, judgeHeader: validator().judgeHeader },
    ]) {
      expect(await wrapper.judgeHeader(header)).toBe(wrapped);
      expect(await wrapper.judgeHeader(header, 'request', () => undefined)).toBe(wrapped);
    }
  });

  test('throws when it is called without its validator, which could pass by a wrapper', () => {
    const wrapper = { ...validator(), judge: async () => wrapped };
    const { judgeHeader } = wrapper;
    const calls = [undefined, {}].map((self) => () => Reflect.apply(judgeHeader, self, ['Bearer a-token']));
    for (const call of calls) {
      expect(call).toThrow(new TypeError('judgeHeader needs its validator: call validator.judgeHeader(...)'));
    }
    // @ts-expect-error the compiler demands the validator, too
    expect(() => judgeHeader('Bearer a-token')).toThrow(TypeError);
  });

  test('takes the null of a Headers object for no header, also where it is wrapped', async () => {
    const absent = new Headers().get('authorization') as unknown as undefined;
    const inner = validator();
    for (const one of [inner, { ...inner, judge: (token: string | undefined) => inner.judge(token) }]) {
      expect(await one.judgeHeader(absent)).toMatchObject({ outcome: 'rejected', reason: 'missing_token' });
    }
  });

  test('hands a wrapping judge the token, its scheme and the proof', async () => {
    const judged: unknown[] = [];
    const wrapper = {
      ...validator(),
      async judge(...given: unknown[]) {
        judged.push(given);
        return this.acceptance() === 'both' ? rejection : wrapped;
      },
    };
    const readProof = ({ dpop }: { dpop: boolean }) => (dpop ? proof : undefined);
    expect(await wrapper.judgeHeader('Bearer a-token', { dpop: false }, readProof)).toBe(rejection);
    await wrapper.judgeHeader(['DPoP a-token'], { dpop: true }, readProof);
    await wrapper.judgeHeader('DPoP a-token', proof);
    await wrapper.judgeHeader(undefined, proof);
    expect(judged).toEqual([
      ['a-token', { scheme: 'Bearer' }],
      ['a-token', { scheme: 'DPoP', proof }],
      ['a-token', { scheme: 'DPoP', proof }],
      [undefined],
    ]);
  });

  test('takes the proof itself, or a function that reads it from the request', async () => {
    const certificate = 'c'.repeat(43);
    const header = `Bearer ${await sign(claims({ cnf: { 'x5t#S256': certificate } }), key)}`;
    const shown = { method: 'GET', url: 'https://api.example.com/orders', certificate };

    expect(await validator().judgeHeader(header)).toMatchObject({ reason: 'proof_required' });
    expect(await validator().judgeHeader(header, shown)).toMatchObject({ outcome: 'accepted' });
    expect(await validator().judgeHeader(header, { shown }, (request) => request.shown)).toMatchObject({
      outcome: 'accepted',
    });
  });
});

describe('the cache', () => {
  test('remembers facts, never a verdict', async () => {
    let position: Acceptance = 'both';
    let nowMs = NOW * 1000;
    const cached = validator({ acceptance: () => position, now: () => nowMs });
    const token = await sign(claims({ scope: 'read' }), key);
    const first = await cached.judge(token);

    expect(await cached.judge(token)).toEqual(first);
    expect(cached.cache()).toMatchObject({ hits: 1, misses: 1, entries: 1 });
    expect(await cached.judge(token, { scope: ['write'] })).toMatchObject({ reason: 'insufficient_scope' });
    position = 'target';
    expect(await cached.judge(token)).toMatchObject({ reason: 'legacy_closed' });
    position = 'both';
    expect(await cached.judge(token)).toMatchObject({ outcome: 'accepted' });
    nowMs += 65_000;
    expect(await cached.judge(token)).toMatchObject({ audience: 'legacy', reason: 'expired' });
    expect(cached.cache()).toMatchObject({ hits: 5, misses: 1 });
  });

  test('keeps what one request changes away from the next one', async () => {
    const cached = validator();
    const token = await sign(claims({ scope: 'read', tenant: { id: 1 } }), key);
    const judgement = await cached.validate(token);

    expect(() => Object.assign(judgement.claims, { sub: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(judgement.claims['tenant'] as object, { id: 2 })).toThrow(TypeError);
    expect(() => (judgement.scope as string[]).push('admin')).toThrow(TypeError);
    expect(await cached.validate(token)).toEqual(judgement);
  });

  test('holds only verified tokens, and none when it is off', async () => {
    const cached = validator();
    await cached.judge(await sign(claims(), newKey));
    await cached.judge(`${await sign(claims(), key)}A`);
    expect(cached.cache()).toMatchObject({ entries: 0 });

    const uncached = validator({ cache: false });
    await uncached.judge(await sign(claims(), key));
    expect(uncached.cache()).toBeUndefined();
  });
});

describe('with two issuers, createValidator', () => {
  const other = 'https://other.example.com';
  const sides = { legacy, target: { issuer: other, audience: TARGET, keys: { keys: [newKey.publicJwk] } } };

  test('accepts the audience of an issuer from that issuer', async () => {
    const both = validator(sides);

    expect(await both.judge(await sign(claims(), key))).toMatchObject({ audience: 'legacy', outcome: 'accepted' });
    const token = await sign(claims({ iss: other, aud: TARGET }), newKey);
    expect(await both.judge(token)).toMatchObject({ audience: 'target', outcome: 'accepted' });
  });

  test('rejects the audience of one issuer from the other', async () => {
    const both = validator(sides);

    expect(await both.judge(await sign(claims({ aud: TARGET }), key))).toMatchObject({ reason: 'wrong_audience' });
    const token = await sign(claims({ aud: ['default-api', TARGET] }), key);
    expect(await both.judge(token)).toMatchObject({ audience: 'legacy', afterClose: 'rejected' });
  });

  test('rejects a token signed with a key of the other issuer, even under the same kid', async () => {
    const twin = await createSigningKey({ kid: 'a' });
    const both = validator({ ...sides, target: { ...sides.target, keys: { keys: [twin.publicJwk] } } });

    expect(await both.judge(await sign(claims(), twin))).toMatchObject({
      audience: 'invalid',
      reason: 'bad_signature',
    });
    const token = await sign(claims({ iss: other, aud: TARGET }), key);
    expect(await both.judge(token)).toMatchObject({ audience: 'invalid', reason: 'bad_signature' });
  });

  test('accepts only the algorithms of the side', async () => {
    const narrow = validator({ ...sides, legacy: { ...legacy, algorithms: ['RS256'] } });

    expect(await narrow.judge(await sign(claims(), key))).toMatchObject({ reason: 'unsupported_algorithm' });
  });
});

describe('validate', () => {
  test('returns the access token', async () => {
    const accessToken = await validator().validate(await sign(claims(), key));

    expect(accessToken).toMatchObject({ audience: 'legacy', subject: 'u1', expiresAt: NOW + 60 });
  });

  test('throws the judgement, and nothing of the token', async () => {
    const token = await sign(claims({ sub: 'secret-subject', aud: 'other' }), key);
    const error = await validator()
      .validate(token)
      .catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(TokenRejectedError);
    expect(error).toMatchObject({ code: 'token_rejected', reason: 'wrong_audience', audience: 'foreign' });
    expect(error).not.toHaveProperty('scope');
    const shown = `${(error as Error).stack} ${JSON.stringify(error)}`;
    expect(shown).not.toContain('secret-subject');
    expect(shown).not.toContain(token.slice(0, 20));
  });

  test('names the scope that would have been enough', async () => {
    const token = await sign(claims(), key);

    await expect(validator().validate(token, { scope: ['read'] })).rejects.toMatchObject({ scope: ['read'] });
  });
});

test('createValidator rejects unsafe options', () => {
  expect(() => createValidator({ clients: [], legacy: { issuer: '', audience: '' } })).toThrow(ConfigError);
});

describe('with keys from the issuer', () => {
  let issuer: TestIssuer;
  let nowMs: number;

  beforeEach(async () => {
    issuer = await startIssuer(key);
    nowMs = NOW * 1000;
  });
  afterEach(() => issuer.close());

  function remote(options: Partial<ValidatorOptions> = {}) {
    const sides = {
      legacy: { issuer: issuer.url, audience: 'default-api' },
      target: { issuer: issuer.url, audience: TARGET },
    };
    return createValidator({ clients: [], ...sides, now: () => nowMs, ...options });
  }

  function token(signer = key, more: Record<string, unknown> = {}): Promise<string> {
    return sign(claims({ iss: issuer.url, exp: NOW + 1_000_000, ...more }), signer);
  }

  test('fetches one key set for both sides, once for concurrent requests', async () => {
    const shared = remote();
    const tokens = await Promise.all([token(), token(key, { aud: TARGET })]);
    const judgements = await Promise.all(Array.from({ length: 50 }, (_, index) => shared.judge(tokens[index % 2])));

    expect(new Set(judgements.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
    const refreshes = { success: 1, failure: 0 };
    expect(shared.keys()).toEqual([
      { side: 'legacy', ageSeconds: 0, refreshes },
      { side: 'target', ageSeconds: 0, refreshes },
    ]);
  });

  test('accepts a rotated key at once', async () => {
    const shared = remote();
    await shared.judge(await token());
    issuer.publish(key, newKey);

    expect(await shared.judge(await token(newKey))).toMatchObject({ outcome: 'accepted' });
    expect(await shared.judge(await token())).toMatchObject({ outcome: 'accepted' });
  });

  test('rejects a key that the issuer removed, from the next refresh on', async () => {
    const shared = remote();
    const known = await token();
    await shared.judge(known);
    issuer.publish(newKey);
    expect(await shared.judge(known)).toMatchObject({ outcome: 'accepted' });
    await shared.judge(await token(newKey));

    expect(await shared.judge(known)).toMatchObject({ audience: 'invalid', reason: 'unknown_key' });
    expect(await shared.judge(await token())).toMatchObject({ audience: 'invalid', reason: 'unknown_key' });
  });

  test('tries keys without kid one by one, and notices a rotation', async () => {
    const [one, two, three] = await Promise.all([createSigningKey(), createSigningKey(), createSigningKey()]);
    issuer.publish(one, two);
    const shared = remote();
    expect(await shared.judge(await token(one))).toMatchObject({ outcome: 'accepted' });
    expect(await shared.judge(await token(two))).toMatchObject({ outcome: 'accepted' });
    expect(await shared.judge(await token(three))).toMatchObject({ reason: 'bad_signature' });

    issuer.publish(three);
    expect(await shared.judge(await token(three))).toMatchObject({ outcome: 'accepted' });
  });

  test('fetches rarely for random kids, while known ones keep working', async () => {
    const shared = remote();
    await shared.judge(await token());
    for (let index = 0; index < 200; index += 1) {
      const stranger = { ...newKey, kid: `random-${index}` };
      expect(await shared.judge(await token(stranger))).toMatchObject({ audience: 'invalid', reason: 'unknown_key' });
    }

    expect(issuer.requests.filter((path) => path === '/jwks')).toHaveLength(5);
    expect(await shared.judge(await token())).toMatchObject({ outcome: 'accepted' });
  });

  test.each<[string, () => void]>([
    ['down', () => issuer.responses.clear()],
    ['empty', () => issuer.publish()],
    ['talking HTML', () => issuer.responses.set('/jwks', { status: 200, body: '<html>' })],
    ['redirecting', () => issuer.responses.set('/jwks', { status: 302 })],
    ['hanging', () => issuer.responses.set('/jwks', 'hang')],
  ])('keeps using known keys while the issuer is %s', async (_, breakIssuer) => {
    const shared = remote();
    const genuine = await token();
    await shared.judge(genuine);
    breakIssuer();

    for (let hours = 0; hours < 23; hours += 1) {
      nowMs += 3_600_000;
      expect(await shared.judge(genuine)).toMatchObject({ outcome: 'accepted' });
    }
    shared.close();
  });

  test('is unavailable during an outage without a usable key, cold or for an unknown key', async () => {
    const shared = remote();
    const genuine = await token();
    issuer.responses.set('/jwks', { status: 503 });
    await expect(shared.judge(genuine)).rejects.toBeInstanceOf(UnavailableError);
    await expect(shared.validate(genuine)).rejects.toMatchObject({ code: 'unavailable' });

    issuer.publish(key);
    expect(await shared.judge(genuine)).toMatchObject({ outcome: 'accepted' });
    issuer.responses.clear();
    await expect(shared.judge(await token(newKey))).rejects.toBeInstanceOf(UnavailableError);
  });

  test('treats metadata of another issuer as an outage', async () => {
    const metadata = { issuer: 'https://evil.example.com', jwks_uri: issuer.jwksUrl.href };
    issuer.responses.set('/.well-known/openid-configuration', { json: metadata });

    await expect(remote().judge(await token())).rejects.toBeInstanceOf(UnavailableError);
  });

  test('fetches nothing for an algorithm or issuer that is not allowed', async () => {
    const rsa = await createSigningKey({ alg: 'PS512' });
    const sides = { legacy: { issuer: issuer.url, audience: 'default-api', algorithms: ['ES256'] as const } };

    expect(await remote(sides).judge(await sign(claims(), key))).toMatchObject({ reason: 'wrong_issuer' });
    const both = { ...sides, target: { issuer: issuer.url, audience: TARGET, algorithms: ['ES256'] as const } };
    expect(await remote(both).judge(await token(rsa))).toMatchObject({ reason: 'unsupported_algorithm' });
    expect(issuer.requests).toEqual([]);
  });
});
