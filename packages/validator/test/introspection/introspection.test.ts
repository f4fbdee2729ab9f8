import { type AcceptedJudgement, type Judgement, UnavailableError } from '@crossfade/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createValidator,
  type IntrospectionOptions,
  type SideOptions,
  type ValidatorOptions,
} from '../../src/index.ts';
import { createDpopKey, type DpopKey, prove } from '../dpop.ts';
import {
  type IntrospectionServer,
  respondJson,
  respondStatus,
  startIntrospectionServer,
} from '../introspection-server.ts';
import { createSigningKey, sign } from '../issuer.ts';

const LEGACY_ISSUER = 'https://old.example.com';
const TARGET_ISSUER = 'https://new.example.com';
const TARGET = 'https://api.example.com/orders';
const NOW = 1_800_000_000;

const key = await createSigningKey({ kid: 'a' });
let nowMs = NOW * 1000;
let [legacyServer, targetServer]: IntrospectionServer[] = [];

beforeEach(async () => {
  nowMs = NOW * 1000;
  [legacyServer, targetServer] = await Promise.all([startIntrospectionServer(), startIntrospectionServer()]);
});
afterEach(() => Promise.all([legacy().close(), target().close()]));

function legacy(): IntrospectionServer {
  if (legacyServer === undefined) throw new Error('not started');
  return legacyServer;
}

function target(): IntrospectionServer {
  if (targetServer === undefined) throw new Error('not started');
  return targetServer;
}

function legacySide(introspection: Partial<IntrospectionOptions> = {}, more: Partial<SideOptions> = {}): SideOptions {
  return {
    issuer: LEGACY_ISSUER,
    audience: 'default-api',
    keys: { keys: [key.publicJwk] },
    introspection: { endpoint: legacy().url, clientId: 'api', clientSecret: 's', ...introspection },
    ...more,
  };
}

function targetSide(introspection: Partial<IntrospectionOptions> = {}, more: Partial<SideOptions> = {}): SideOptions {
  return {
    issuer: TARGET_ISSUER,
    audience: TARGET,
    keys: { keys: [key.publicJwk] },
    introspection: { endpoint: target().url, clientId: 'api', clientSecret: 's', ...introspection },
    ...more,
  };
}

function validatorOf(options: Partial<ValidatorOptions> = {}) {
  return createValidator({ clients: [], legacy: legacySide(), clockTolerance: '5s', now: () => nowMs, ...options });
}

const ACTIVE = { active: true, aud: 'default-api', client_id: 'web-app', exp: NOW + 60, token_type: 'Bearer' };
const INACTIVE = { outcome: 'rejected', audience: 'invalid', reason: 'inactive' };

function judgeResponse(
  response: object,
  options: Partial<ValidatorOptions> = {},
  token = 'opaque',
): Promise<Judgement> {
  legacy().respond = respondJson(response);
  return validatorOf(options).judge(token);
}

describe('the audience of a token', () => {
  test('is what its issuer says', async () => {
    expect(await judgeResponse(ACTIVE)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeResponse({ ...ACTIVE, aud: 'other' })).toMatchObject({
      audience: 'foreign',
      reason: 'wrong_audience',
    });
    expect(await judgeResponse({ ...ACTIVE, aud: ['default-api', 'other'] })).toMatchObject({
      outcome: 'accepted',
      audience: 'legacy',
    });
  });

  test('is never that of a response that names another issuer', async () => {
    const other = { ...ACTIVE, iss: TARGET_ISSUER, aud: TARGET };

    expect(await judgeResponse({ ...ACTIVE, iss: LEGACY_ISSUER })).toMatchObject({ outcome: 'accepted' });
    expect(await judgeResponse({ ...ACTIVE, iss: TARGET_ISSUER })).toEqual({ ...INACTIVE, reason: 'wrong_issuer' });
    expect(await judgeResponse(other, { target: targetSide() })).toEqual({ ...INACTIVE, reason: 'wrong_issuer' });
  });

  test('is foreign if an issuer names the audience of another', async () => {
    expect(await judgeResponse({ ...ACTIVE, aud: TARGET }, { target: targetSide() })).toMatchObject({
      audience: 'foreign',
      reason: 'wrong_audience',
    });
  });

  test('is foreign if the response has none, unless the endpoint implies it', async () => {
    const { aud, ...response } = ACTIVE;
    const implied = { legacy: legacySide({ impliesAudience: true }) };

    expect(await judgeResponse(response)).toMatchObject({ audience: 'foreign', reason: 'wrong_audience' });
    expect(await judgeResponse(response, implied)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeResponse({ ...response, aud: 'other' }, implied)).toMatchObject({ reason: 'wrong_audience' });
    expect(await judgeResponse({ ...response, token_type: undefined }, implied)).toMatchObject({
      reason: 'wrong_type',
    });
    expect(await judgeResponse({ ...response, token_type: 'N_A' }, implied)).toMatchObject({ reason: 'wrong_type' });
  });

  test('is that of the client id’s side, for a side with client ids', async () => {
    const { audience, ...side } = legacySide();
    const byClient = { legacy: { ...side, clientIds: ['web-app'] } };
    const { aud, ...response } = ACTIVE;

    expect(await judgeResponse(response, byClient)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeResponse({ ...response, client_id: 'other' }, byClient)).toMatchObject({
      reason: 'wrong_audience',
    });
    expect(await judgeResponse({ ...response, token_type: undefined }, byClient)).toMatchObject({
      reason: 'wrong_type',
    });
  });

  test('is not accepted for a side without introspection, even if its issuer names it', async () => {
    const sameIssuer = { target: { issuer: LEGACY_ISSUER, audience: TARGET } };

    expect(await judgeResponse({ ...ACTIVE, aud: TARGET }, sameIssuer)).toEqual({
      outcome: 'rejected',
      audience: 'target',
      reason: 'wrong_type',
    });
    expect(await judgeResponse({ ...ACTIVE, aud: ['default-api', TARGET] }, sameIssuer)).toMatchObject({
      outcome: 'accepted',
      audience: 'bridge',
      afterClose: 'rejected',
    });
  });

  test('takes one request for two sides of one issuer', async () => {
    const target = { issuer: LEGACY_ISSUER, audience: TARGET, introspection: legacySide().introspection };

    expect(await judgeResponse({ ...ACTIVE, aud: TARGET }, { target } as ValidatorOptions)).toMatchObject({
      outcome: 'accepted',
      audience: 'target',
    });
    expect(
      await judgeResponse({ ...ACTIVE, aud: [TARGET, 'default-api'] }, { target } as ValidatorOptions),
    ).toMatchObject({
      audience: 'bridge',
    });
    expect(legacy().requests).toHaveLength(2);
  });
});

describe('kinds of token', () => {
  test.each([
    [{ token_type: 'refresh_token' }, 'wrong_type'],
    [{ token_use: 'refresh_token' }, 'wrong_type'],
    [{ typ: 'Refresh' }, 'wrong_type'],
    [{ token_use: 'id' }, 'id_token'],
    [{ events: {} }, 'wrong_type'],
    [{ cnf: { jkt: 'a'.repeat(43) } }, 'proof_required'],
    [{ cnf: {} }, 'proof_required'],
    [{ token_type: 'DPoP' }, 'proof_required'],
    [{ exp: NOW - 5 }, 'expired'],
    [{ nbf: NOW + 6 }, 'not_yet_valid'],
    [{ nonce: 'n' }, 'id_token'],
  ])('%j is rejected as %s', async (more, reason) => {
    expect(await judgeResponse({ ...ACTIVE, ...more })).toMatchObject({
      outcome: 'rejected',
      audience: 'legacy',
      reason,
    });
  });
});

describe('a token that is bound to a key', () => {
  const request = { method: 'GET', url: 'https://api.example.com/orders', token: 'opaque', nowSeconds: NOW };

  test('is accepted only with a DPoP proof of that key, cached or not', async () => {
    const holder = await createDpopKey();
    const thief = await createDpopKey();
    legacy().respond = respondJson({ ...ACTIVE, token_type: 'DPoP', cnf: { jkt: holder.thumbprint } });
    const validator = validatorOf();
    const present = async (prover: DpopKey) => {
      const { method, url } = request;
      return validator.judge('opaque', {
        scheme: 'DPoP',
        proof: { method, url, dpop: [await prove(prover, request)] },
      });
    };

    expect(await present(holder)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await present(holder)).toMatchObject({ outcome: 'accepted' });
    expect(await present(thief)).toMatchObject({ reason: 'proof_invalid' });
    expect(await validator.judge('opaque')).toMatchObject({ reason: 'proof_required' });
    expect(legacy().requests).toHaveLength(1);
  });

  test('is accepted only with the certificate it is bound to', async () => {
    const certificate = 'c'.repeat(43);
    legacy().respond = respondJson({ ...ACTIVE, cnf: { 'x5t#S256': certificate } });
    const validator = validatorOf();
    const { method, url } = request;

    expect(await validator.judge('opaque', { proof: { method, url, certificate } })).toMatchObject({
      outcome: 'accepted',
    });
    expect(await validator.judge('opaque', { proof: { method, url, certificate: 'd'.repeat(43) } })).toMatchObject({
      reason: 'proof_invalid',
    });
    expect(await validator.judge('opaque')).toMatchObject({ reason: 'proof_required' });
  });
});

describe('introspection', () => {
  test.each([
    [
      'a JWT',
      async () => sign({ iss: LEGACY_ISSUER, aud: 'default-api', exp: NOW + 60 }, key),
      { outcome: 'accepted' },
    ],
    [
      'a signed response, sent as a token,',
      async () => {
        const claims = { iss: LEGACY_ISSUER, aud: 'default-api', iat: NOW, exp: NOW + 60, token_introspection: ACTIVE };
        return sign(claims, key, { typ: 'token-introspection+jwt' });
      },
      { reason: 'wrong_type' },
    ],
    ['a JWT that is broken', () => 'e30.e30.e30', { reason: 'malformed_token' }],
    ['no token', () => '', { reason: 'missing_token' }],
    ['two tokens', () => 'one, two', { reason: 'malformed_token' }],
    ['a long token', () => 'x'.repeat(16_385), { reason: 'token_too_large' }],
    ['text that is not ASCII', () => 'tökén', { reason: 'malformed_token' }],
  ])('is not used for %s', async (_, token, judgement) => {
    expect(await judgeResponse(ACTIVE, {}, await token())).toMatchObject(judgement);
    expect(legacy().requests).toHaveLength(0);
  });

  test('is used for a JWE, whose content this API cannot read', async () => {
    expect(await judgeResponse(ACTIVE, {}, 'e30..a.b.c')).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeResponse({ active: false }, {}, 'e30..a.b.c')).toEqual(INACTIVE);
  });

  test('is not used for a side that does not configure it', async () => {
    const { introspection, ...side } = legacySide();

    expect(await validatorOf({ legacy: side }).judge('opaque')).toEqual({
      outcome: 'rejected',
      audience: 'opaque',
      reason: 'malformed_token',
    });
  });
});

describe('two issuers', () => {
  const both = () => validatorOf({ target: targetSide() });

  test('are both asked, and either may call the token active', async () => {
    legacy().respond = respondJson(ACTIVE);
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'legacy' });

    legacy().respond = respondJson({ active: false });
    target().respond = respondJson({ ...ACTIVE, aud: TARGET });
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'target' });

    target().respond = respondJson({ active: false });
    expect(await both().judge('opaque')).toEqual(INACTIVE);
  });

  test('accept their own tokens during an outage of the other', async () => {
    legacy().respond = respondStatus(500);
    target().respond = respondJson({ ...ACTIVE, aud: TARGET });
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'target' });

    legacy().respond = respondJson(ACTIVE);
    target().respond = respondStatus(500);
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
  });

  test.each([
    ['inactive', { active: false }],
    ['another audience’s', { ...ACTIVE, aud: 'other' }],
    ['another issuer’s', { ...ACTIVE, iss: 'https://other.example.com' }],
  ])('cannot reject a token during an outage of one, if the other calls it %s', async (_, response) => {
    legacy().respond = respondStatus(500);
    target().respond = respondJson(response);
    await expect(both().judge('opaque')).rejects.toThrow(UnavailableError);
  });

  test('let the target decide if both call a token active', async () => {
    legacy().respond = respondJson(ACTIVE);
    target().respond = respondJson({ ...ACTIVE, aud: TARGET });

    expect(await both().judge('opaque')).toMatchObject({ audience: 'target', afterClose: 'accepted' });
  });

  test('do not delay the target’s tokens while the legacy endpoint hangs', async () => {
    legacy().respond = () => {};
    target().respond = respondJson({ ...ACTIVE, aud: TARGET });
    const validator = both();

    expect(await validator.judge('opaque')).toMatchObject({ audience: 'target' });
    validator.close();
  });
});

describe('the cache', () => {
  test('serves concurrent and later requests with one introspection', async () => {
    const validator = validatorOf();
    let release = (): void => {};
    legacy().respond = (response, request) => {
      release = () => respondJson(ACTIVE)(response, request);
    };
    const judging = Promise.all(Array.from({ length: 100 }, () => validator.judge('opaque')));
    await expect.poll(() => legacy().requests.length, { timeout: 5000 }).toBe(1);
    release();

    for (const judgement of await judging) expect(judgement).toMatchObject({ outcome: 'accepted' });
    nowMs += 29_999;
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    expect(legacy().requests).toHaveLength(1);
    legacy().respond = respondJson({ active: false });
    nowMs += 1;
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
  });

  test('measures age from the request, not from the response', async () => {
    const validator = validatorOf();
    legacy().respond = (response, request) => {
      nowMs += 20_000;
      respondJson(ACTIVE)(response, request);
    };
    await validator.judge('opaque');
    legacy().respond = respondJson({ active: false });

    nowMs += 9999;
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    nowMs += 1;
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
  });

  test('keeps nothing past the end of the token, not even within the clock tolerance', async () => {
    const validator = validatorOf();
    legacy().respond = respondJson({ ...ACTIVE, exp: NOW + 10 });
    await validator.judge('opaque');
    legacy().respond = respondJson({ active: false });

    nowMs += 9999;
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    nowMs += 1;
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
  });

  test('keeps a token without exp for as long as its response is usable', async () => {
    const { exp, ...endless } = ACTIVE;
    const fresh = { legacy: legacySide({ maxAgeSeconds: 0 }), clockTolerance: '0s' };

    expect(await judgeResponse(endless)).toMatchObject({ outcome: 'accepted', expiresAt: NOW + 30 });
    expect(await judgeResponse(endless, fresh)).toMatchObject({ outcome: 'accepted', expiresAt: NOW + 1 });
  });

  test('does not replace the policy, which is applied at every request', async () => {
    legacy().respond = respondJson({ ...ACTIVE, scope: 'read' });
    const validator = validatorOf();

    expect(await validator.judge('opaque', { scope: ['read'] })).toMatchObject({ outcome: 'accepted' });
    expect(await validator.judge('opaque', { scope: ['write'] })).toMatchObject({ reason: 'insufficient_scope' });
    expect(legacy().requests).toHaveLength(1);
  });

  test('keeps neither a rejection nor an outage', async () => {
    const validator = validatorOf();
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
    legacy().respond = respondStatus(503);
    await expect(validator.judge('opaque')).rejects.toThrow(UnavailableError);
    legacy().respond = respondJson(ACTIVE);
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    legacy().respond = respondStatus(503);
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    await expect(validator.judge('opaque2')).rejects.toThrow(UnavailableError);
  });

  test('gives tokens that were active before priority over made-up ones', async () => {
    const active = respondJson(ACTIVE);
    legacy().respond = (response, request) => {
      if (request.form.get('token')?.startsWith('user-')) active(response, request);
    };
    const validator = validatorOf({ legacy: legacySide({ timeoutMs: 30_000 }) });
    const users = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    const outcomesOf = async (tokens: readonly string[]) => {
      const judgements = await Promise.all(tokens.map((token) => validator.judge(token).catch(() => 'unavailable')));
      return new Set(judgements.map((judgement) => (typeof judgement === 'string' ? judgement : judgement.outcome)));
    };
    expect(await outcomesOf(users)).toEqual(new Set(['accepted']));

    const madeUp = outcomesOf(Array.from({ length: 1000 }, (_, index) => `made-up-${index}`));
    await expect.poll(() => legacy().requests.length, { timeout: 50_000 }).toBe(228);
    nowMs += 31_000;
    expect(await outcomesOf(users)).toEqual(new Set(['accepted']));
    expect(await outcomesOf(['user-of-today'])).toEqual(new Set(['unavailable']));
    expect(legacy().requests).toHaveLength(328);
    validator.close();
    expect(await madeUp).toEqual(new Set(['unavailable']));
  }, 60_000);

  test('does not hide a response with a member of the wrong type, which is an outage', async () => {
    const judging = judgeResponse({ ...ACTIVE, exp: 'secret-value' });

    await expect(judging).rejects.toThrow(UnavailableError);
    await expect(judging).rejects.not.toThrow('secret-value');
  });

  test('still serves after the validator is closed, which introspects no more', async () => {
    const validator = validatorOf();
    legacy().respond = respondJson(ACTIVE);
    await validator.judge('opaque');
    validator.close();

    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    await expect(validator.judge('opaque2')).rejects.toThrow(UnavailableError);
  });
});

describe('any response', () => {
  const mostly = (value: unknown) => fc.oneof({ weight: 12, arbitrary: fc.constant(value) }, fc.jsonValue());
  const response = fc.record(
    {
      active: mostly(true),
      aud: fc.oneof(mostly('default-api'), mostly(['default-api'])),
      iss: mostly(LEGACY_ISSUER),
      exp: mostly(NOW + 60),
      iat: mostly(NOW),
      sub: mostly('u1'),
      scope: mostly('read'),
      client_id: mostly('web-app'),
      token_type: mostly('Bearer'),
      cnf: fc.jsonValue(),
    },
    { requiredKeys: ['active', 'aud'] },
  );

  test('leads to a judgement or an outage, and accepts only tokens that it calls active and ours', async () => {
    let accepted = 0;
    const judged = async (response: Readonly<Record<string, unknown>>): Promise<void> => {
      const judgement = await judgeResponse(response).catch((error: unknown) => error);
      if (judgement instanceof UnavailableError) return;
      expect(judgement).toHaveProperty('outcome');
      if ((judgement as Judgement).outcome === 'rejected') return;
      accepted += 1;
      expect(response['active']).toBe(true);
      expect([response['aud']].flat()).toContain('default-api');
      expect([undefined, null, LEGACY_ISSUER]).toContain(response['iss']);
      expect(response['cnf']).toBeUndefined();
    };

    await fc.assert(fc.asyncProperty(response, judged), { numRuns: 200 });
    expect(accepted).toBeGreaterThan(0);
  }, 60_000);
});

describe('asking about a token that was accepted', () => {
  async function acceptedJwt(aud: string | string[], iss = LEGACY_ISSUER) {
    return sign({ iss, aud, exp: NOW + 60, client_id: 'web-app', scope: 'read' }, key);
  }

  async function introspectTwice(validator: ReturnType<typeof validatorOf>, token: string) {
    const judgement = await validator.judge(token);
    if (judgement.outcome === 'rejected') throw new Error(judgement.reason);
    return Promise.all([1, 2].map(() => validator.introspect(token, judgement)));
  }

  test('asks the issuer of its side each time, and says revoked of an inactive one', async () => {
    const validator = validatorOf({ target: targetSide() });
    legacy().respond = respondJson({ active: true });
    target().respond = respondJson({ active: false });

    const [kept] = await introspectTwice(validator, await acceptedJwt('default-api'));
    expect(kept).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    const [revoked] = await introspectTwice(validator, await acceptedJwt(TARGET, TARGET_ISSUER));
    expect(revoked).toEqual({ outcome: 'rejected', audience: 'target', reason: 'revoked' });
    expect(revoked).toHaveProperty('token.clientId', 'web-app');
    expect([legacy().requests.length, target().requests.length]).toEqual([2, 2]);
  });

  test('asks with the credentials of the side that accepts a bridge token', async () => {
    const both = { legacy: legacySide({ clientId: 'old-api' }), target: targetSide({}, { issuer: LEGACY_ISSUER }) };
    legacy().respond = target().respond = respondJson({ active: true });
    await introspectTwice(validatorOf(both), await acceptedJwt(['default-api', TARGET]));
    expect([legacy().requests.length, target().requests.length]).toEqual([0, 2]);

    const scoped = { ...both, target: { ...both.target, requiredScope: ['orders'] } };
    await introspectTwice(validatorOf(scoped), await acceptedJwt(['default-api', TARGET]));
    expect([legacy().requests.length, target().requests.length]).toEqual([2, 2]);
  });

  test('forgets the cached result of an opaque token that is inactive now', async () => {
    const validator = validatorOf();
    legacy().respond = respondJson(ACTIVE);
    const judgement = await validator.judge('opaque');
    legacy().respond = respondJson({ active: false });

    expect(await validator.introspect('opaque', judgement as AcceptedJudgement)).toMatchObject({ reason: 'revoked' });
    expect(await validator.judge('opaque')).toMatchObject({ reason: 'inactive' });
  });

  test.each<[string, IntrospectionServer['respond']]>([
    ['responds 500', respondStatus(500)],
    ['names another issuer', respondJson({ active: true, iss: 'https://evil.example.com' })],
    ['says nothing about the token', respondJson({})],
  ])('is an outage when the endpoint %s', async (_, respond) => {
    legacy().respond = respond;

    const asked = introspectTwice(validatorOf(), await acceptedJwt('default-api'));
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', dependency: 'introspection' });
  });

  test('needs introspection of the side, and says which sides have it', async () => {
    const { introspection: _none, ...bare } = targetSide();
    const validator = validatorOf({ target: bare });

    await expect(introspectTwice(validator, await acceptedJwt(TARGET, TARGET_ISSUER))).rejects.toThrow(
      /target.introspection: is required/,
    );
    expect(validator.introspection()).toEqual([
      { side: 'legacy', isConfigured: true },
      { side: 'target', isConfigured: false },
    ]);
    expect(validatorOf().introspection()).toEqual([{ side: 'legacy', isConfigured: true }]);
    expect(legacy().requests).toEqual([]);
  });
});
