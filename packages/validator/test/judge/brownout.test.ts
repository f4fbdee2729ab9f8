import { type AcceptedJudgement, type Brownout, MAX_BROWNOUT_MS } from '@crossfade/core';
import { isInBrownout } from '@crossfade/core/bucketing';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { createValidator, type ValidatorOptions } from '../../src/index.ts';
import { createBrownoutCheck } from '../../src/judge/brownout.ts';
import { createSigningKey, sign } from '../issuer.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');

function accepted(clientId: string | undefined, audience: AcceptedJudgement['audience'] = 'legacy'): AcceptedJudgement {
  const afterClose = audience === 'legacy' ? 'rejected' : 'accepted';
  const token = { subject: 'u', scope: [], roles: [], issuedAt: 1, expiresAt: 2, claims: {} };
  return { outcome: 'accepted', audience, afterClose, clientId, ...token };
}

let commanded: Brownout | null;
let stops: Brownout[];

beforeEach(() => {
  commanded = { percent: 100, untilMs: NOW + 600_000 };
  stops = [];
});

function brownoutCheck() {
  return createBrownoutCheck(
    () => commanded,
    (brownout) => stops.push(brownout),
  );
}

function refuses(check: ReturnType<typeof brownoutCheck>, judgement: AcceptedJudgement, nowMs = NOW): boolean {
  return check.apply(judgement, nowMs).outcome === 'rejected';
}

describe('a brownout', () => {
  test('rejects a legacy token with what a meter needs to know of it', () => {
    const judgement = brownoutCheck().apply(accepted('web-app'), NOW);
    expect(judgement).toEqual({ outcome: 'rejected', audience: 'legacy', reason: 'brownout' });
    expect(judgement).toHaveProperty('token', {
      clientId: 'web-app',
      issuedAt: 1,
      expiresAt: 2,
      expired: false,
      afterClose: 'rejected',
    });
  });

  test.each([
    ['a token of both audiences', accepted('web-app', 'bridge')],
    ['a target token', accepted('web-app', 'target')],
    ['a token without a client', accepted(undefined)],
    ['a token with an empty client id', accepted('')],
  ])('lets %s in', (_, judgement) => {
    expect(brownoutCheck().apply(judgement, NOW)).toBe(judgement);
  });

  test('ends at its time, and a longer one than any brownout lasts never begins', () => {
    const check = brownoutCheck();
    commanded = { percent: 100, untilMs: NOW + 1000 };
    expect(refuses(check, accepted('web-app'), NOW + 999)).toBe(true);
    expect(refuses(check, accepted('web-app'), NOW + 1000)).toBe(false);
    commanded = { percent: 100, untilMs: NOW + MAX_BROWNOUT_MS + 1 };
    expect(refuses(check, accepted('web-app'))).toBe(false);
    expect(check.status(NOW)).toBeNull();
  });

  test('refuses the same clients each time, those of the published bucketing, and keeps them when it grows', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 99 }), (clientId, percent) => {
        commanded = { percent, untilMs: NOW + 1000 };
        const first = refuses(brownoutCheck(), accepted(clientId));
        expect(first).toBe(isInBrownout(clientId, percent));
        expect(refuses(brownoutCheck(), accepted(clientId))).toBe(first);
        commanded = { percent: percent + 1, untilMs: NOW + 1000 };
        if (first) expect(refuses(brownoutCheck(), accepted(clientId))).toBe(true);
      }),
    );
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('the flags are gone');
      },
    ],
    ['returns nothing', () => undefined],
    ['returns text', () => 'soon'],
    ['returns no numbers', () => ({ percent: '100', untilMs: 'soon' })],
  ])('is none while its switch %s', (_, read) => {
    const check = createBrownoutCheck(read as never);
    const judgement = accepted('web-app');
    expect(check.apply(judgement, NOW)).toBe(judgement);
  });

  test('stops for this validator beyond 20 requests and 5 % within a minute, and says so once', () => {
    const check = brownoutCheck();
    const outcomes = Array.from({ length: 25 }, () => refuses(check, accepted('web-app')));
    expect(outcomes).toEqual([...Array(20).fill(true), ...Array(5).fill(false)]);
    expect(stops).toEqual([commanded]);
    expect(check.status(NOW)).toEqual({ ...commanded, refused: 20, stopped: true });
    expect(refuses(check, accepted('web-app'), NOW + 120_000)).toBe(false);
  });

  test('goes on while its share of all requests is small', () => {
    const check = brownoutCheck();
    for (let request = 0; request < 4000; request += 1) {
      if (request % 40 === 0) expect(refuses(check, accepted('web-app'), NOW + request)).toBe(true);
      else check.apply(accepted('web-app', 'target'), NOW + request);
    }
    expect(check.status(NOW + 4000)).toMatchObject({ refused: 100, stopped: false });
  });

  test('counts each minute by itself for its threshold', () => {
    const check = brownoutCheck();
    for (let minute = 0; minute < 5; minute += 1) {
      for (let request = 0; request < 20; request += 1)
        expect(refuses(check, accepted('web-app'), NOW + minute * 60_000)).toBe(true);
    }
    expect(stops).toEqual([]);
  });

  test('begins again when the flag changes after it had stopped, and not before', () => {
    const check = brownoutCheck();
    for (let request = 0; request < 21; request += 1) check.apply(accepted('web-app'), NOW);
    commanded = { percent: 100, untilMs: NOW + 600_000 };
    expect(refuses(check, accepted('web-app'))).toBe(false);
    commanded = { percent: 100, untilMs: NOW + 700_000 };
    expect(refuses(check, accepted('web-app'))).toBe(true);
    expect(check.status(NOW)).toMatchObject({ refused: 1, stopped: false });
  });

  test('survives a listener that throws', () => {
    const check = createBrownoutCheck(
      () => commanded,
      () => {
        throw new Error('the log is full');
      },
    );
    for (let request = 0; request < 20; request += 1) check.apply(accepted('web-app'), NOW);
    expect(refuses(check, accepted('web-app'))).toBe(false);
  });
});

describe('a validator with a brownout switch', async () => {
  const ISSUER = 'https://idp.example.com';
  const key = await createSigningKey({ kid: 'a' });
  const token = (more: object = {}) =>
    sign({ iss: ISSUER, aud: 'default-api', client_id: 'web-app', exp: NOW / 1000 + 60, ...more }, key);
  const validator = (options: Partial<ValidatorOptions> = {}) =>
    createValidator({
      legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
      target: { issuer: ISSUER, audience: 'https://api.example.com/orders' },
      clients: ['web-app'],
      now: () => NOW,
      brownout: () => commanded,
      ...options,
    });

  test('judges a remembered token by the flags as they are at each request', async () => {
    commanded = null;
    const judge = validator();
    const header = `Bearer ${await token()}`;
    expect(await judge.judgeHeader(header)).toMatchObject({ outcome: 'accepted' });
    expect(judge.brownout()).toBeNull();
    commanded = { percent: 100, untilMs: NOW + 1000 };
    expect(judge.judgeHeader(header)).toMatchObject({ outcome: 'rejected', reason: 'brownout' });
    expect(judge.brownout()).toEqual({ ...commanded, refused: 1, stopped: false });
    commanded = null;
    expect(judge.judgeHeader(header)).toMatchObject({ outcome: 'accepted' });
    expect(judge.cache()).toMatchObject({ hits: 2, misses: 1 });
  });

  test('leaves every other reason to a token that is rejected anyway', async () => {
    const reasonOf = async (text: string, options: Partial<ValidatorOptions> = {}) => {
      const judgement = await validator(options).judge(text);
      return judgement.outcome === 'rejected' ? judgement.reason : judgement.outcome;
    };
    const later = async () => true;
    expect(await reasonOf(await token({ exp: 1 }))).toBe('expired');
    expect(await reasonOf(await token(), { acceptance: 'target' })).toBe('legacy_closed');
    expect(await reasonOf(await token(), { isRevoked: () => true })).toBe('revoked');
    expect(await reasonOf(await token(), { isRevoked: later })).toBe('revoked');
    expect(await reasonOf(await token(), { isRevoked: async () => false })).toBe('brownout');
    expect(await reasonOf(await token(), { isRevoked: () => false })).toBe('brownout');
  });

  test('refuses no token while there is no target side that a client could move to', async () => {
    const judge = createValidator({
      legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
      clients: ['web-app'],
      now: () => NOW,
      brownout: () => commanded,
    });
    expect(await judge.judge(await token())).toMatchObject({ outcome: 'accepted' });
    expect(judge.brownout()).toBeNull();
  });
});
