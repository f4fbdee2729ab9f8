import { type Judgement, UnavailableError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import {
  createMemoryReplayStore,
  createValidator,
  type JudgementContext,
  rejectionResponse,
  type SideOptions,
  type Validator,
  type ValidatorOptions,
} from '../src/index.ts';
import { createDpopKey, type DpopKey, type ProofParts, prove } from './dpop.ts';
import { createSigningKey, sign } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const TARGET = 'https://api.example.com/orders';
const NOW = 1_800_000_000;
const place = { method: 'GET', url: 'https://api.example.com/orders' };
const certificate = 'c'.repeat(43);

const issuerKey = await createSigningKey({ kid: 'a' });
const key = await createDpopKey();
const legacy: SideOptions = { issuer: ISSUER, audience: 'default-api', keys: { keys: [issuerKey.publicJwk] } };
const target: SideOptions = { issuer: ISSUER, audience: TARGET };
const SIDES = [
  ['legacy', 'default-api'],
  ['target', TARGET],
] as const;

function validator(options: Partial<ValidatorOptions> = {}): Validator {
  return createValidator({ clients: [], legacy, target, now: () => NOW * 1000, ...options });
}

function tokenOf(aud: string | string[], more: Record<string, unknown> = {}): Promise<string> {
  return sign({ iss: ISSUER, aud, sub: 'u1', client_id: 'web', iat: NOW - 60, exp: NOW + 600, ...more }, issuerKey);
}

function boundTo(by: DpopKey): Record<string, unknown> {
  return { cnf: { jkt: by.thumbprint } };
}

async function withProof(token: string, parts: ProofParts = {}, by = key): Promise<JudgementContext> {
  const proof = await prove(by, { ...place, token, nowSeconds: NOW }, parts);
  return { scheme: 'DPoP', proof: { ...place, dpop: [proof] } };
}

function verdict(judgement: Judgement): string {
  return judgement.outcome === 'accepted' ? 'accepted' : judgement.reason;
}

function responseTo(judgement: Judgement): { status: number; challenge: string; nonce: string | undefined } {
  if (judgement.outcome === 'accepted') throw new Error('accepted');
  const { status, headers } = rejectionResponse(judgement);
  return { status, challenge: headers['www-authenticate'] ?? '', nonce: headers['dpop-nonce'] };
}

describe.each(SIDES)('a DPoP token of the %s side', (audience, aud) => {
  test('is accepted with a new proof each time, cached or not', async () => {
    for (const cache of [false, {}] as const) {
      const api = validator({ cache });
      const token = await tokenOf(aud, boundTo(key));
      const first = await withProof(token);

      expect(await api.judge(token, first)).toMatchObject({ outcome: 'accepted', audience });
      expect(verdict(await api.judge(token, first))).toBe('proof_invalid');
      expect(verdict(await api.judge(token, await withProof(token)))).toBe('accepted');
      expect(verdict(await api.judge(token))).toBe('proof_required');
    }
  });

  test('is rejected as a bearer token', async () => {
    const api = validator();
    const token = await tokenOf(aud, boundTo(key));
    const { proof } = await withProof(token);

    for (const context of [undefined, {}, { scheme: 'Bearer' }, { scheme: 'Bearer', proof }] as const) {
      const judgement = await api.judge(token, context as JudgementContext | undefined);
      expect(judgement).toMatchObject({ outcome: 'rejected', audience, reason: 'proof_required' });
      expect(responseTo(judgement).challenge).toMatch(/^DPoP error="invalid_token", .*algs="RS256 .*Ed25519"$/);
    }
  });

  test('is rejected with a proof of another key, so a stolen one is useless', async () => {
    const token = await tokenOf(aud, boundTo(key));
    const judgement = await validator().judge(token, await withProof(token, {}, await createDpopKey()));

    expect(verdict(judgement)).toBe('proof_invalid');
    expect(responseTo(judgement).challenge).toMatch(/^DPoP error="invalid_token"/);
  });

  test.each([
    ['another method', { claims: { htm: 'DELETE' } }],
    ['another resource', { claims: { htu: 'https://api.example.com/invoices' } }],
    ['another token', { claims: { ath: 'a'.repeat(43) } }],
    ['another time', { claims: { iat: NOW - 3600 } }],
  ])('is rejected with a proof for %s', async (_, parts) => {
    const token = await tokenOf(aud, boundTo(key));
    const judgement = await validator().judge(token, await withProof(token, parts));

    expect(verdict(judgement)).toBe('proof_invalid');
    expect(responseTo(judgement)).toMatchObject({
      status: 401,
      challenge: expect.stringMatching(/^DPoP error="invalid_dpop_proof"/),
    });
  });
});

describe.each(SIDES)('a token of the %s side that is bound to a certificate', (_side, aud) => {
  test('is accepted with that certificate, repeatedly, and with no other', async () => {
    const api = validator();
    const token = await tokenOf(aud, { cnf: { 'x5t#S256': certificate } });
    const shown = (thumbprint: string) => api.judge(token, { proof: { ...place, certificate: thumbprint } });

    expect(verdict(await shown(certificate))).toBe('accepted');
    expect(verdict(await shown(certificate))).toBe('accepted');
    expect(verdict(await shown('d'.repeat(43)))).toBe('proof_invalid');
    const judgement = await api.judge(token);
    expect(verdict(judgement)).toBe('proof_required');
    expect(responseTo(judgement).challenge).toMatch(/^Bearer error="invalid_token"/);
  });

  test('needs both where it is bound to a DPoP key, too', async () => {
    const api = validator();
    const token = await tokenOf(aud, { cnf: { jkt: key.thumbprint, 'x5t#S256': certificate } });
    const { scheme, proof } = await withProof(token);
    if (scheme === undefined || proof === undefined) throw new Error('no proof');

    expect(verdict(await api.judge(token, { scheme, proof }))).toBe('proof_required');
    expect(verdict(await api.judge(token, { proof: { ...place, certificate } }))).toBe('proof_required');
    expect(verdict(await api.judge(token, { scheme, proof: { ...proof, certificate } }))).toBe('accepted');
  });
});

test.each([{ jwk: key.jwk }, { kid: 'a' }, {}, null, 'a'])('a token with cnf %j never gets in', async (cnf) => {
  const token = await tokenOf(TARGET, { cnf });
  const { proof, scheme } = await withProof(token);

  expect(verdict(await validator().judge(token))).toBe('proof_required');
  if (scheme === undefined || proof === undefined) throw new Error('no proof');
  expect(verdict(await validator().judge(token, { scheme, proof: { ...proof, certificate } }))).toBe('proof_required');
});

test('the DPoP scheme is rejected for unbound tokens (RFC 9449 §7.1)', async () => {
  const token = await tokenOf(TARGET);
  const judgement = await validator().judge(token, await withProof(token));

  expect(verdict(judgement)).toBe('proof_invalid');
  expect(responseTo(judgement).challenge).toMatch(/^DPoP error="invalid_token"/);
});

test('a client that uses DPoP gets a DPoP challenge, also about time and scope', async () => {
  const api = validator();
  const expired = await tokenOf(TARGET, { ...boundTo(key), exp: NOW - 60 });
  const token = await tokenOf(TARGET, boundTo(key));

  expect(responseTo(await api.judge(expired, await withProof(expired))).challenge).toMatch(
    /^DPoP error="invalid_token"/,
  );
  expect(responseTo(await api.judge('a.b', { scheme: 'DPoP' })).challenge).toMatch(/^DPoP error="invalid_token"/);
  const forScope = await api.judge(token, { ...(await withProof(token)), scope: ['orders:read'] });
  expect(responseTo(forScope)).toMatchObject({
    status: 403,
    challenge: expect.stringMatching(/^DPoP error="insufficient_scope", .*scope="orders:read", algs="/),
  });
});

test('validate throws the challenge for the client', async () => {
  const token = await tokenOf(TARGET, boundTo(key));
  const rejection = validator().validate(token, await withProof(token, { claims: { htm: 'PUT' } }));

  await expect(rejection).rejects.toMatchObject({ reason: 'proof_invalid', dpop: { error: 'invalid_dpop_proof' } });
});

describe('senderConstrained', () => {
  const mtls = { cnf: { 'x5t#S256': certificate } };

  test.each([
    ['dpop', 'nothing', 'proof_required'],
    ['dpop', 'certificate', 'proof_required'],
    ['dpop', 'key', 'accepted'],
    ['mtls', 'nothing', 'proof_required'],
    ['mtls', 'certificate', 'accepted'],
    ['mtls', 'key', 'proof_required'],
    ['any', 'nothing', 'proof_required'],
    ['any', 'certificate', 'accepted'],
    ['any', 'key', 'accepted'],
    [undefined, 'nothing', 'accepted'],
  ] as const)('%s, and a token that is bound to %s: %s', async (senderConstrained, bound, expected) => {
    const demand = senderConstrained === undefined ? {} : { senderConstrained };
    const api = validator({ target: { ...target, ...demand } });
    const token = await tokenOf(TARGET, { nothing: {}, certificate: mtls, key: boundTo(key) }[bound]);
    const context = bound === 'key' ? await withProof(token) : { proof: { ...place, certificate } };

    expect(verdict(await api.judge(token, context))).toBe(expected);
  });

  test('is demanded of its own side only, and the shadow verdict heeds it', async () => {
    const api = validator({ target: { ...target, senderConstrained: 'dpop' } });

    expect(verdict(await api.judge(await tokenOf('default-api')))).toBe('accepted');
    expect(await api.judge(await tokenOf(['default-api', TARGET]))).toMatchObject({
      outcome: 'accepted',
      audience: 'bridge',
      afterClose: 'rejected',
    });
    const closed = validator({ target: { ...target, senderConstrained: 'dpop' }, acceptance: 'target' });
    expect(verdict(await closed.judge(await tokenOf(['default-api', TARGET])))).toBe('proof_required');
  });

  test('challenges for DPoP a client without a bound token, and one without a token', async () => {
    const bound = { senderConstrained: 'dpop' } as const;
    const api = validator({ legacy: { ...legacy, ...bound }, target: { ...target, ...bound } });

    expect(responseTo(await api.judge(await tokenOf(TARGET))).challenge).toMatch(/^DPoP error="invalid_token"/);
    expect(responseTo(await api.judge(undefined)).challenge).toMatch(/^DPoP algs="/);
    expect(responseTo(await validator().judge(undefined)).challenge).toBe('Bearer');
  });
});

describe('with nonces', () => {
  const dpop = { nonce: { secret: 'a secret of more than thirty-two characters' } };

  test('challenges a client with a nonce, and accepts a proof with it', async () => {
    const api = validator({ dpop });
    const token = await tokenOf(TARGET, boundTo(key));
    const { status, challenge, nonce } = responseTo(await api.judge(token, await withProof(token)));

    expect({ status, challenge }).toEqual({
      status: 401,
      challenge: expect.stringMatching(/^DPoP error="use_dpop_nonce"/),
    });
    expect(nonce).toBe(api.dpopChallenge().nonce);
    expect(verdict(await api.judge(token, await withProof(token, { claims: { nonce } })))).toBe('accepted');
  });
});

describe('replay', () => {
  test('accepts one of 10,000 concurrent copies of a proof', { timeout: 120_000 }, async () => {
    const api = validator();
    const token = await tokenOf('default-api', boundTo(key));
    expect(verdict(await api.judge(token, await withProof(token)))).toBe('accepted');
    const context = await withProof(token);
    const judgements = await Promise.all(Array.from({ length: 10_000 }, () => api.judge(token, context)));

    expect(judgements.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect(new Set(judgements.map(verdict))).toEqual(new Set(['accepted', 'proof_invalid']));
  });

  test('is detected only by an instance that shares the store', async () => {
    const replay = createMemoryReplayStore({ now: () => NOW * 1000 });
    const [one, two] = [validator({ dpop: { replay } }), validator({ dpop: { replay } })];
    const token = await tokenOf(TARGET, boundTo(key));
    const context = await withProof(token);

    expect(verdict(await one.judge(token, context))).toBe('accepted');
    expect(verdict(await two.judge(token, context))).toBe('proof_invalid');
    expect(verdict(await validator().judge(token, context))).toBe('accepted');
  });

  test('is rejected while the store is unavailable', async () => {
    const replay = { claim: () => Promise.reject(new Error('down')) };
    const token = await tokenOf(TARGET, boundTo(key));

    await expect(validator({ dpop: { replay } }).judge(token, await withProof(token))).rejects.toThrow(
      UnavailableError,
    );
    expect(verdict(await validator({ dpop: { replay } }).judge(await tokenOf(TARGET)))).toBe('accepted');
  });
});

test.each([
  ['dpop.algorithms.0', { dpop: { algorithms: ['HS256'] } }],
  ['dpop.algorithms', { dpop: { algorithms: [] } }],
  ['dpop.proofMaxAgeSeconds', { dpop: { proofMaxAgeSeconds: 0 } }],
  ['dpop.proofMaxAgeSeconds', { dpop: { proofMaxAgeSeconds: 601 } }],
  ['dpop.nonce.secret', { dpop: { nonce: {} } }],
  ['dpop.nonce.secret', { dpop: { nonce: { secret: 'short' } } }],
  ['dpop.nonce.rotationSeconds', { dpop: { nonce: { secret: 's'.repeat(32), rotationSeconds: 1 } } }],
  ['dpop.replay', { dpop: { replay: {} } }],
  ['dpop.jti', { dpop: { jti: true } }],
  ['dpop', { dpop: true }],
  ['target.senderConstrained', { target: { ...target, senderConstrained: true } }],
])('an option that makes no sense is named: %s', (path, options) => {
  expect(() => validator(options as Partial<ValidatorOptions>)).toThrow(`${path}: `);
});
