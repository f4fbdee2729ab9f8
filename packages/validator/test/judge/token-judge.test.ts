import { type AcceptedJudgement, UnavailableError } from '@crossfade/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createValidator, type Validator } from '../../src/judge/validator.ts';
import { createDpopKey, prove } from '../dpop.ts';
import { createSigningKey, sign } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey();
const NO_TOKEN = { outcome: 'rejected', reason: 'missing_token' };

function validatorWith(options: object = {}): Validator {
  return createValidator({
    clients: [],
    legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
    ...options,
  });
}

function token(claims: object = {}): Promise<string> {
  return sign({ iss: ISSUER, aud: 'default-api', exp: Math.floor(Date.now() / 1000) + 60, ...claims }, key);
}

describe('the judgement of a header', () => {
  test('is there at once for a remembered token, in any text or list that its header is', async () => {
    const validator = validatorWith();
    const judge = (header: string | string[]) => validator.judgeHeader(header);
    const header = `Bearer ${await token({ sub: 'u1' })}`;
    const first = judge(header);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toMatchObject({ outcome: 'accepted', subject: 'u1' });

    for (const known of [header, [header], header.replace('Bearer ', 'bearer  ')]) {
      expect(judge(known)).toEqual(await first);
    }
    expect(validator.cache()).toMatchObject({ hits: 3, misses: 1, entries: 1 });
  });

  test('depends on the scheme that a remembered token comes with now', async () => {
    const validator = validatorWith();
    const judge = (header: string | string[]) => validator.judgeHeader(header);
    const known = await token();
    for (const scheme of ['Bearer', 'DPoP', 'Bearer', 'dpop', 'bearer']) {
      const outcome = scheme.toLowerCase() === 'bearer' ? 'accepted' : 'rejected';
      expect(await judge(`${scheme} ${known}`)).toMatchObject({ outcome });
    }
  });

  test('confuses no remembered token with a header, and no remembered header with a token', async () => {
    const validator = validatorWith();
    const judge = (header: string | string[]) => validator.judgeHeader(header);
    const [alone, inHeader] = await Promise.all([token({ sub: 'u1' }), token({ sub: 'u2' })]);
    await validator.judge(alone);
    await judge(`Bearer ${inHeader}`);

    expect(judge(alone)).toMatchObject(NO_TOKEN);
    expect(await validator.judge(`Bearer ${inHeader}`)).toMatchObject({ reason: 'malformed_token' });
  });

  test.each([
    ['no header', undefined],
    ['no values', []],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
  ])('is there at once for %s', (_, header) => {
    expect(validatorWith().judgeHeader(header)).toMatchObject(NO_TOKEN);
  });

  test('is a rejection for several headers, remembered or not', async () => {
    const validator = validatorWith();
    const judge = (header: string | string[]) => validator.judgeHeader(header);
    const header = `Bearer ${await token()}`;
    await judge(header);
    expect(await judge([header, header])).toMatchObject({ outcome: 'rejected', reason: 'malformed_token' });
  });

  test('reads no proof for a remembered token that needs none, and counts one hit for one that does', async () => {
    const validator = validatorWith();
    const proof = { method: 'GET', url: 'https://api.example.com/orders', certificate: 'c'.repeat(43) };
    let asked = 0;
    const judge = (header: string) =>
      validator.judgeHeader(header, undefined, () => {
        asked += 1;
        return proof;
      });
    const [free, bound] = await Promise.all([token(), token({ cnf: { 'x5t#S256': proof.certificate } })]);
    for (const header of [`Bearer ${free}`, `Bearer ${bound}`])
      expect(await judge(header)).toMatchObject({ outcome: 'accepted' });
    expect(asked).toBe(2);

    expect(judge(`Bearer ${free}`)).toMatchObject({ outcome: 'accepted' });
    expect(asked).toBe(2);
    expect(judge(`Bearer ${bound}`)).toMatchObject({ outcome: 'accepted' });
    expect(asked).toBe(3);
    expect(validator.cache()).toMatchObject({ hits: 2, misses: 2 });
  });
});

describe('a judge with a cache', () => {
  const scheme = fc.constantFrom(
    'Bearer ',
    'bearer ',
    'Bearer   ',
    'DPoP ',
    'dpop ',
    'Basic ',
    'Bearer\t',
    ' Bearer ',
    '',
  );
  const change = fc.record({
    at: fc.nat(400),
    removed: fc.integer({ min: 0, max: 3 }),
    put: fc.constantFrom('', 'A', '_', ' ', ',', '.', '=', '\0', 'é', 'Bearer '),
  });

  /** States the rule in another way than the code does. */
  function isPlainly(header: string, tokens: ReadonlySet<string>): boolean {
    const [name = '', ...rest] = header.split(' ');
    const words = rest.filter((word) => word !== '');
    return name.toLowerCase() === 'bearer' && words.length === 1 && !header.endsWith(' ') && tokens.has(words[0] ?? '');
  }

  test('accepts what it remembers and nothing similar', { timeout: 120_000 }, async () => {
    const validator = validatorWith();
    const judge = (header: string | string[]) => validator.judgeHeader(header);
    const plain = await Promise.all([1, 2, 3].map((n) => token({ sub: `u${n}` })));
    const bound = await token({ cnf: { jkt: 'k'.repeat(43) } });
    const known = new Set(plain);
    const counted = { accepted: 0, rejected: 0 };
    await fc.assert(
      fc.asyncProperty(
        scheme,
        fc.constantFrom(...plain, bound),
        fc.option(change, { nil: undefined, freq: 2 }),
        fc.boolean(),
        async (named, text, how, isAlone) => {
          const whole = `${named}${text}`;
          const asked =
            how === undefined ? whole : whole.slice(0, how.at) + how.put + whole.slice(how.at + how.removed);
          const { outcome } = await (isAlone ? validator.judge(asked) : judge(asked));
          expect(outcome === 'accepted').toBe(isAlone ? known.has(asked) : isPlainly(asked, known));
          counted[outcome] += 1;
        },
      ),
      { numRuns: 20_000 },
    );
    expect(counted.accepted).toBeGreaterThan(1000);
    expect(counted.rejected).toBeGreaterThan(10_000);
    expect(validator.cache()?.entries).toBe(4);
  });
});

describe('a judge that asks whether a token was revoked', () => {
  /** Records what it was asked. */
  function recorder(answer: () => boolean | Promise<boolean>) {
    const asked: AcceptedJudgement[] = [];
    const isRevoked = (judgement: AcceptedJudgement) => {
      asked.push(judgement);
      return answer();
    };
    return { asked, isRevoked };
  }

  test('judges a remembered token at once where the port answers at once', async () => {
    let revoked = false;
    const { asked, isRevoked } = recorder(() => revoked);
    const validator = validatorWith({ isRevoked });
    const header = `Bearer ${await token({ jti: 't1' })}`;
    expect(await validator.judgeHeader(header)).toMatchObject({ outcome: 'accepted' });
    expect(validator.judgeHeader(header)).toMatchObject({ outcome: 'accepted' });
    revoked = true;

    const rejection = validator.judgeHeader(header);
    expect(rejection).toEqual({ outcome: 'rejected', audience: 'legacy', reason: 'revoked' });
    expect(rejection).toHaveProperty('token.afterClose', 'rejected');
    expect(asked.map(({ claims }) => claims['jti'])).toEqual(['t1', 't1', 't1']);
  });

  test('waits where the port has to ask', async () => {
    const { isRevoked } = recorder(async () => true);
    const validator = validatorWith({ isRevoked });
    const text = await token();

    expect(await validator.judge(text)).toMatchObject({ reason: 'revoked' });
    expect(validator.judgeHeader(`Bearer ${text}`)).toBeInstanceOf(Promise);
  });

  test('asks about accepted tokens only', async () => {
    const { asked, isRevoked } = recorder(() => true);
    const validator = validatorWith({ isRevoked });
    const proof = { method: 'GET', url: 'https://api.example.com/orders' };
    const rejected = [
      undefined,
      'opaque',
      await token({ exp: 1 }),
      await token({ aud: 'other' }),
      await token({ token_use: 'id' }),
      await token({ cnf: { jkt: 'k'.repeat(43) } }),
    ];
    for (const text of rejected) {
      expect(await validator.judge(text, { proof })).not.toMatchObject({ reason: 'revoked' });
    }
    expect(await validator.judge(await token(), { scope: ['write'] })).toMatchObject({ reason: 'insufficient_scope' });
    expect(asked).toEqual([]);
  });

  test.each<[string, () => boolean | Promise<boolean>]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['returns something else', () => undefined as unknown as boolean],
  ])('is unavailable by a rejected promise, remembered token or not, if the port %s', async (_, answer) => {
    const validator = validatorWith({ isRevoked: answer });
    const text = await token();
    for (let time = 0; time < 3; time += 1) {
      await expect(validator.judgeHeader(`Bearer ${text}`)).rejects.toThrow(UnavailableError);
      await expect(validator.judge(text)).rejects.toMatchObject({ dependency: 'revocation' });
    }
  });

  test('challenges a client whose DPoP-bound token was revoked with DPoP', async () => {
    const client = await createDpopKey();
    const validator = validatorWith({ isRevoked: () => true });
    const bound = await token({ cnf: { jkt: client.thumbprint } });
    const request = { method: 'GET', url: 'https://api.example.com/orders' };
    const proof = {
      ...request,
      dpop: [await prove(client, { ...request, token: bound, nowSeconds: Math.floor(Date.now() / 1000) })],
    };
    const judgement = await validator.judge(bound, { scheme: 'DPoP', proof });

    expect(judgement).toMatchObject({
      outcome: 'rejected',
      reason: 'revoked',
      dpop: { algorithms: expect.any(Array) },
    });
    expect(judgement).toHaveProperty('token.expired', false);
    expect(judgement).not.toHaveProperty('dpop.error');
  });

  test('needs a function', () => {
    expect(() => validatorWith({ isRevoked: true })).toThrow(/isRevoked: must be a function/);
  });
});
