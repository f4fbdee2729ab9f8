import { censusSchema } from '@crossfade/core/status';
import { expect, test } from 'vitest';
import { createCensus } from '../../src/census/census.ts';

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (claims: object, header: object = {}) =>
  `Bearer ${base64url({ alg: 'RS256', ...header })}.${base64url(claims)}.c2ln`;

const REAL = { iss: 'https://idp.example.com', aud: 'default-api', client_id: 'web-app', sub: 'alice', exp: 1 };

function openCensus(settings: { maxIssuers?: number; maxRows?: number } = {}) {
  let nowMs = 0;
  const census = createCensus({ now: () => nowMs, ...settings });
  return {
    census,
    at(ms: number) {
      nowMs = ms;
    },
  };
}

test('lists issuer, audiences, client, kind, size and times of alike tokens', () => {
  const { census, at } = openCensus();
  const first = tokenOf(REAL);
  const second = tokenOf({ ...REAL, sub: 'bob', jti: 'much longer' }, { typ: 'JWT' });
  at(1000);
  census.note(first, 'unchecked');
  at(5000);
  census.note(second, 'unchecked');
  census.note([first], 'unchecked');
  expect(census.read()).toEqual({
    rows: [
      {
        issuer: 'https://idp.example.com',
        audiences: ['default-api'],
        clientId: 'web-app',
        kind: 'unmarked',
        signature: 'unchecked',
        count: 3,
        maxBytes: second.length - 'Bearer '.length,
        firstSeenAt: '1970-01-01T00:00:01.000Z',
        lastSeenAt: '1970-01-01T00:00:05.000Z',
      },
    ],
    truncated: false,
  });
  expect(censusSchema.parse(census.read()).rows).toHaveLength(1);
});

test('keeps no subject, no other claim and no token', () => {
  const { census } = openCensus();
  const token = tokenOf({ ...REAL, sub: 'alice@example.com', email: 'a@b.c', jti: 'secret-id' });
  census.note(token, 'unchecked');
  const shown = JSON.stringify(census.read());
  for (const hidden of ['alice', 'a@b.c', 'secret-id', token.slice(7, 30)]) expect(shown).not.toContain(hidden);
});

test.each([
  ['no token', undefined, 'none'],
  ['another scheme', 'Basic dTpw', 'none'],
  ['an opaque token', 'Bearer abc123', 'opaque'],
  ['a broken JWT', 'Bearer a.b.c', 'malformed'],
  ['a token that no header section could hold', `Bearer ${'x'.repeat(70_000)}`, 'too_large'],
  ['an access token by its type', tokenOf(REAL, { typ: 'at+jwt' }), 'access'],
  ['an access token by a claim', tokenOf({ ...REAL, token_use: 'access' }), 'access'],
  ['an access token that says so, with a nonce', tokenOf({ ...REAL, typ: 'Bearer', nonce: 'n' }), 'access'],
  ['an ID token', tokenOf({ ...REAL, nonce: 'n' }), 'id'],
  ['a declared ID token', tokenOf({ ...REAL, token_use: 'id' }), 'id'],
  ['a refresh token', tokenOf({ ...REAL, typ: 'Refresh' }), 'other'],
  ['a logout token', tokenOf(REAL, { typ: 'logout+jwt' }), 'other'],
  ['a JWT that does not say', tokenOf(REAL), 'unmarked'],
])('the kind of %s', (_, authorization, kind) => {
  const { census } = openCensus();
  expect(census.note(authorization, 'unchecked')).toBe(kind);
  expect(census.note(authorization, 'unchecked')).toBe(kind);
  expect(census.read().rows).toMatchObject([{ kind, count: 2 }]);
});

test('a token without readable names is listed without them', () => {
  const { census } = openCensus();
  census.note(tokenOf({ iss: 7, aud: { a: 1 }, azp: ['x'] }), 'unchecked');
  expect(census.read().rows).toMatchObject([{ issuer: null, audiences: [], clientId: null, kind: 'unmarked' }]);
});

test('the order of audiences makes no second row', () => {
  const { census } = openCensus();
  census.note(tokenOf({ ...REAL, aud: ['a', 'b'] }), 'unchecked');
  census.note(tokenOf({ ...REAL, aud: ['b', 'a'] }), 'unchecked');
  expect(census.read().rows).toMatchObject([{ audiences: ['a', 'b'], count: 2 }]);
});

test('made-up issuers displace no real one, whenever they come', () => {
  const { census } = openCensus({ maxIssuers: 5 });
  for (let index = 0; index < 300; index += 1) census.note(tokenOf({ iss: `https://before-${index}` }), 'unchecked');
  for (let index = 0; index < 300; index += 1) {
    census.note(tokenOf({ iss: `https://made-up-${index}` }), 'unchecked');
    census.note(tokenOf({ ...REAL, jti: index }), 'unchecked');
  }
  const { rows, truncated } = census.read();
  expect(rows.length).toBeLessThanOrEqual(6);
  expect(rows[0]).toMatchObject({ issuer: REAL.iss, kind: 'unmarked' });
  expect(rows.at(-1)).toMatchObject({ issuer: null, kind: 'rest', clientId: null, audiences: [] });
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(900);
  expect(truncated).toBe(true);
});

test('made-up audiences and clients of one issuer end up in one row', () => {
  const { census } = openCensus({ maxRows: 4 });
  for (let index = 0; index < 200; index += 1) {
    census.note(tokenOf({ ...REAL, aud: `random-${index}`, client_id: `client-${index}` }), 'unchecked');
    census.note(tokenOf({ ...REAL, jti: index }), 'unchecked');
    census.note(tokenOf({ iss: 'https://other.example.com', aud: 'other' }), 'unchecked');
  }
  const { rows } = census.read();
  expect(rows.filter(({ issuer }) => issuer === REAL.iss)).toHaveLength(5);
  expect(rows).toContainEqual(expect.objectContaining({ audiences: ['default-api'], count: 200 }));
  expect(rows).toContainEqual(expect.objectContaining({ issuer: 'https://other.example.com', count: 200 }));
  expect(rows).toContainEqual(expect.objectContaining({ issuer: REAL.iss, kind: 'rest' }));
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(600);
});

test('unverified tokens take no place of verified ones', () => {
  const { census } = openCensus({ maxIssuers: 2 });
  census.note(tokenOf(REAL), 'verified');
  for (let index = 0; index < 100; index += 1) census.note(tokenOf({ iss: `https://made-up-${index}` }), 'unchecked');
  census.note(tokenOf(REAL), 'unchecked');
  const real = census.read().rows.filter(({ issuer }) => issuer === REAL.iss);
  expect(real.map(({ signature, count }) => [signature, count])).toEqual([
    ['verified', 1],
    ['unchecked', 1],
  ]);
});

test('long and many names are cut, and the census says so', () => {
  const { census } = openCensus();
  census.note(
    tokenOf({ iss: 'i'.repeat(10_000), aud: Array.from({ length: 100 }, (_, index) => `a${index}`) }),
    'unchecked',
  );
  const { rows, truncated } = census.read();
  expect(truncated).toBe(true);
  expect(rows[0]?.issuer).toHaveLength(201);
  expect(rows[0]?.audiences).toHaveLength(9);
  expect(JSON.stringify(rows).length).toBeLessThan(1000);
});

test('a token is counted again in its row after more tokens than are remembered', () => {
  const { census } = openCensus();
  const token = tokenOf(REAL);
  census.note(token, 'unchecked');
  for (let index = 0; index < 5000; index += 1) census.note(tokenOf({ ...REAL, jti: index }), 'unchecked');
  census.note(token, 'unchecked');
  expect(census.read().rows).toMatchObject([{ count: 5002 }]);
});

test('a token whose row was displaced gets a row again', () => {
  const { census } = openCensus({ maxRows: 1 });
  const token = tokenOf(REAL);
  census.note(token, 'unchecked');
  census.note(tokenOf({ ...REAL, aud: 'other' }), 'unchecked');
  census.note(token, 'unchecked');
  const { rows } = census.read();
  expect(rows).toMatchObject([
    { audiences: ['default-api'], count: 1 },
    { kind: 'rest', count: 2 },
  ]);
});
