import { type Judgement, UnavailableError } from '@crossfade/core';
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
  answerJson,
  answerStatus,
  type IntrospectionServer,
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
  return createValidator({ legacy: legacySide(), now: () => nowMs, ...options });
}

const ACTIVE = { active: true, aud: 'default-api', client_id: 'web-app', exp: NOW + 60, token_type: 'Bearer' };
const INACTIVE = { outcome: 'rejected', audience: 'invalid', reason: 'inactive' };

function judgeAnswer(answer: object, options: Partial<ValidatorOptions> = {}, token = 'opaque'): Promise<Judgement> {
  legacy().answer = answerJson(answer);
  return validatorOf(options).judge(token);
}

describe('whom a token belongs to', () => {
  test('is what its issuer says', async () => {
    expect(await judgeAnswer(ACTIVE)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeAnswer({ ...ACTIVE, aud: 'other' })).toMatchObject({
      audience: 'foreign',
      reason: 'wrong_audience',
    });
    expect(await judgeAnswer({ ...ACTIVE, aud: ['default-api', 'other'] })).toMatchObject({
      reason: 'foreign_audience',
    });
  });

  test('an answer in the name of another issuer counts for nothing', async () => {
    const other = { ...ACTIVE, iss: TARGET_ISSUER, aud: TARGET };

    expect(await judgeAnswer({ ...ACTIVE, iss: LEGACY_ISSUER })).toMatchObject({ outcome: 'accepted' });
    expect(await judgeAnswer({ ...ACTIVE, iss: TARGET_ISSUER })).toEqual({ ...INACTIVE, reason: 'wrong_issuer' });
    expect(await judgeAnswer(other, { target: targetSide() })).toEqual({ ...INACTIVE, reason: 'wrong_issuer' });
  });

  test('one issuer can not vouch for the audience of another', async () => {
    expect(await judgeAnswer({ ...ACTIVE, aud: TARGET }, { target: targetSide() })).toMatchObject({
      audience: 'foreign',
      reason: 'wrong_audience',
    });
  });

  test('no audience is no one’s, unless the endpoint implies it', async () => {
    const { aud, ...answer } = ACTIVE;
    const implied = { legacy: legacySide({ impliesAudience: true }) };

    expect(await judgeAnswer(answer)).toMatchObject({ audience: 'foreign', reason: 'wrong_audience' });
    expect(await judgeAnswer(answer, implied)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeAnswer({ ...answer, aud: 'other' }, implied)).toMatchObject({ reason: 'wrong_audience' });
    expect(await judgeAnswer({ ...answer, token_type: undefined }, implied)).toMatchObject({ reason: 'wrong_type' });
    expect(await judgeAnswer({ ...answer, token_type: 'N_A' }, implied)).toMatchObject({ reason: 'wrong_type' });
  });

  test('without an audience, a client id can name the side', async () => {
    const { audience, ...side } = legacySide();
    const byClient = { legacy: { ...side, clientIds: ['web-app'] } };
    const { aud, ...answer } = ACTIVE;

    expect(await judgeAnswer(answer, byClient)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeAnswer({ ...answer, client_id: 'other' }, byClient)).toMatchObject({ reason: 'wrong_audience' });
    expect(await judgeAnswer({ ...answer, token_type: undefined }, byClient)).toMatchObject({ reason: 'wrong_type' });
  });

  test('a side that does not ask takes no opaque token, whatever its issuer says of it elsewhere', async () => {
    const sameIssuer = { target: { issuer: LEGACY_ISSUER, audience: TARGET } };

    expect(await judgeAnswer({ ...ACTIVE, aud: TARGET }, sameIssuer)).toEqual({
      outcome: 'rejected',
      audience: 'target',
      reason: 'wrong_type',
    });
    expect(await judgeAnswer({ ...ACTIVE, aud: ['default-api', TARGET] }, sameIssuer)).toMatchObject({
      outcome: 'accepted',
      audience: 'bridge',
      afterClose: 'rejected',
    });
  });

  test('two sides of one issuer are asked about with one question', async () => {
    const target = { issuer: LEGACY_ISSUER, audience: TARGET, introspection: legacySide().introspection };

    expect(await judgeAnswer({ ...ACTIVE, aud: TARGET }, { target } as ValidatorOptions)).toMatchObject({
      outcome: 'accepted',
      audience: 'target',
    });
    expect(
      await judgeAnswer({ ...ACTIVE, aud: [TARGET, 'default-api'] }, { target } as ValidatorOptions),
    ).toMatchObject({
      audience: 'bridge',
    });
    expect(legacy().questions).toHaveLength(2);
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
    [{ iat: NOW + 6 }, 'not_yet_valid'],
  ])('%j is %s', async (more, reason) => {
    expect(await judgeAnswer({ ...ACTIVE, ...more })).toMatchObject({
      outcome: 'rejected',
      audience: 'legacy',
      reason,
    });
  });
});

describe('a token that is bound to a key', () => {
  const request = { method: 'GET', url: 'https://api.example.com/orders', token: 'opaque', nowSeconds: NOW };

  test('gets in with a DPoP proof of that key, remembered or not, and never without', async () => {
    const holder = await createDpopKey();
    const thief = await createDpopKey();
    legacy().answer = answerJson({ ...ACTIVE, token_type: 'DPoP', cnf: { jkt: holder.thumbprint } });
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
    expect(legacy().questions).toHaveLength(1);
  });

  test('gets in with the certificate it is bound to', async () => {
    const certificate = 'c'.repeat(43);
    legacy().answer = answerJson({ ...ACTIVE, cnf: { 'x5t#S256': certificate } });
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

describe('what is asked about', () => {
  test.each([
    [
      'a JWT',
      async () => sign({ iss: LEGACY_ISSUER, aud: 'default-api', exp: NOW + 60 }, key),
      { outcome: 'accepted' },
    ],
    [
      'a signed answer, sent as a token,',
      async () => {
        const answer = { iss: LEGACY_ISSUER, aud: 'default-api', iat: NOW, exp: NOW + 60, token_introspection: ACTIVE };
        return sign(answer, key, { typ: 'token-introspection+jwt' });
      },
      { reason: 'wrong_type' },
    ],
    ['a JWT that is broken', () => 'e30.e30.e30', { reason: 'malformed_token' }],
    ['no token', () => '', { reason: 'missing_token' }],
    ['two tokens', () => 'one, two', { reason: 'malformed_token' }],
    ['a long token', () => 'x'.repeat(8193), { reason: 'token_too_large' }],
    ['what is no ASCII', () => 'tökén', { reason: 'malformed_token' }],
  ])('%s is not', async (_, token, judgement) => {
    expect(await judgeAnswer(ACTIVE, {}, await token())).toMatchObject(judgement);
    expect(legacy().questions).toHaveLength(0);
  });

  test('a JWE is: its content is for somebody else', async () => {
    expect(await judgeAnswer(ACTIVE, {}, 'e30..a.b.c')).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    expect(await judgeAnswer({ active: false }, {}, 'e30..a.b.c')).toEqual(INACTIVE);
  });

  test('an opaque token is not, where nobody is to be asked', async () => {
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

  test('are both asked, and either may vouch', async () => {
    legacy().answer = answerJson(ACTIVE);
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'legacy' });

    legacy().answer = answerJson({ active: false });
    target().answer = answerJson({ ...ACTIVE, aud: TARGET });
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'target' });

    target().answer = answerJson({ active: false });
    expect(await both().judge('opaque')).toEqual(INACTIVE);
  });

  test('the outage of one does not keep out the tokens of the other', async () => {
    legacy().answer = answerStatus(500);
    target().answer = answerJson({ ...ACTIVE, aud: TARGET });
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'target' });

    legacy().answer = answerJson(ACTIVE);
    target().answer = answerStatus(500);
    expect(await both().judge('opaque')).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
  });

  test.each([
    ['inactive', { active: false }],
    ['another audience’s', { ...ACTIVE, aud: 'other' }],
    ['another issuer’s', { ...ACTIVE, iss: 'https://other.example.com' }],
  ])('while one is out, a token the other calls %s may be the first one’s', async (_, answer) => {
    legacy().answer = answerStatus(500);
    target().answer = answerJson(answer);
    await expect(both().judge('opaque')).rejects.toThrow(UnavailableError);
  });

  test('where both call a token active, the target’s word counts: it outlives the close', async () => {
    legacy().answer = answerJson(ACTIVE);
    target().answer = answerJson({ ...ACTIVE, aud: TARGET });

    expect(await both().judge('opaque')).toMatchObject({ audience: 'target', afterClose: 'accepted' });
  });

  test('a hanging endpoint of the legacy side costs the target’s tokens no time', async () => {
    legacy().answer = () => {};
    target().answer = answerJson({ ...ACTIVE, aud: TARGET });
    const validator = both();

    expect(await validator.judge('opaque')).toMatchObject({ audience: 'target' });
    validator.close();
  });
});

describe('what is remembered', () => {
  test('a token is asked about once, by all who come meanwhile and soon after', async () => {
    const validator = validatorOf();
    let answer = (): void => {};
    legacy().answer = (response, question) => {
      answer = () => answerJson(ACTIVE)(response, question);
    };
    const judging = Promise.all(Array.from({ length: 100 }, () => validator.judge('opaque')));
    await expect.poll(() => legacy().questions.length, { timeout: 5000 }).toBe(1);
    answer();

    for (const judgement of await judging) expect(judgement).toMatchObject({ outcome: 'accepted' });
    nowMs += 29_999;
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    expect(legacy().questions).toHaveLength(1);
    legacy().answer = answerJson({ active: false });
    nowMs += 1;
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
  });

  test('an answer counts from when it was asked for, not from when it came', async () => {
    const validator = validatorOf();
    legacy().answer = (response, question) => {
      nowMs += 20_000;
      answerJson(ACTIVE)(response, question);
    };
    await validator.judge('opaque');
    legacy().answer = answerJson({ active: false });

    nowMs += 9999;
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    nowMs += 1;
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
  });

  test('nothing is remembered past the end of the token, not even within the clock tolerance', async () => {
    const validator = validatorOf();
    legacy().answer = answerJson({ ...ACTIVE, exp: NOW + 10 });
    await validator.judge('opaque');
    legacy().answer = answerJson({ active: false });

    nowMs += 9999;
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    nowMs += 1;
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
  });

  test('a token without an end is taken, for as long as its answer holds', async () => {
    const { exp, ...endless } = ACTIVE;
    const fresh = { legacy: legacySide({ maxAgeSeconds: 0 }), clockTolerance: '0s' };

    expect(await judgeAnswer(endless)).toMatchObject({ outcome: 'accepted', expiresAt: NOW + 30 });
    expect(await judgeAnswer(endless, fresh)).toMatchObject({ outcome: 'accepted', expiresAt: NOW + 1 });
  });

  test('policy is applied to what is remembered, at every request', async () => {
    legacy().answer = answerJson({ ...ACTIVE, scope: 'read' });
    const validator = validatorOf();

    expect(await validator.judge('opaque', { scope: ['read'] })).toMatchObject({ outcome: 'accepted' });
    expect(await validator.judge('opaque', { scope: ['write'] })).toMatchObject({ reason: 'insufficient_scope' });
    expect(legacy().questions).toHaveLength(1);
  });

  test('neither a refusal nor an outage is remembered', async () => {
    const validator = validatorOf();
    expect(await validator.judge('opaque')).toEqual(INACTIVE);
    legacy().answer = answerStatus(503);
    await expect(validator.judge('opaque')).rejects.toThrow(UnavailableError);
    legacy().answer = answerJson(ACTIVE);
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    legacy().answer = answerStatus(503);
    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    await expect(validator.judge('opaque2')).rejects.toThrow(UnavailableError);
  });

  test('who was let in before is not kept out by made-up tokens that take all the questions there are', async () => {
    const active = answerJson(ACTIVE);
    legacy().answer = (response, question) => {
      if (question.form.get('token')?.startsWith('user-')) active(response, question);
    };
    const validator = validatorOf({ legacy: legacySide({ timeoutMs: 30_000 }) });
    const users = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    const outcomesOf = async (tokens: readonly string[]) => {
      const judgements = await Promise.all(tokens.map((token) => validator.judge(token).catch(() => 'unavailable')));
      return new Set(judgements.map((judgement) => (typeof judgement === 'string' ? judgement : judgement.outcome)));
    };
    expect(await outcomesOf(users)).toEqual(new Set(['accepted']));

    const madeUp = outcomesOf(Array.from({ length: 1000 }, (_, index) => `made-up-${index}`));
    await expect.poll(() => legacy().questions.length, { timeout: 50_000 }).toBe(228);
    nowMs += 31_000;
    expect(await outcomesOf(users)).toEqual(new Set(['accepted']));
    expect(await outcomesOf(['user-of-today'])).toEqual(new Set(['unavailable']));
    expect(legacy().questions).toHaveLength(328);
    validator.close();
    expect(await madeUp).toEqual(new Set(['unavailable']));
  }, 60_000);

  test('an answer with a member of the wrong type is an outage, and tells nothing of it', async () => {
    const asked = judgeAnswer({ ...ACTIVE, exp: 'secret-value' });

    await expect(asked).rejects.toThrow(UnavailableError);
    await expect(asked).rejects.not.toThrow('secret-value');
  });

  test('what is remembered outlives the close of the validator; nobody is asked any more', async () => {
    const validator = validatorOf();
    legacy().answer = answerJson(ACTIVE);
    await validator.judge('opaque');
    validator.close();

    expect(await validator.judge('opaque')).toMatchObject({ outcome: 'accepted' });
    await expect(validator.judge('opaque2')).rejects.toThrow(UnavailableError);
  });
});

describe('whatever an endpoint answers', () => {
  const mostly = (value: unknown) => fc.oneof({ weight: 12, arbitrary: fc.constant(value) }, fc.jsonValue());
  const answer = fc.record(
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

  test('it is a judgement or an outage, and nobody gets in whom it does not call active and ours', async () => {
    let accepted = 0;
    const judged = async (said: Readonly<Record<string, unknown>>): Promise<void> => {
      const judgement = await judgeAnswer(said).catch((error: unknown) => error);
      if (judgement instanceof UnavailableError) return;
      expect(judgement).toHaveProperty('outcome');
      if ((judgement as Judgement).outcome === 'rejected') return;
      accepted += 1;
      expect(said['active']).toBe(true);
      expect([said['aud']].flat()).toContain('default-api');
      expect([undefined, null, LEGACY_ISSUER]).toContain(said['iss']);
      expect(said['cnf']).toBeUndefined();
    };

    await fc.assert(fc.asyncProperty(answer, judged), { numRuns: 200 });
    expect(accepted).toBeGreaterThan(0);
  }, 60_000);
});
