import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concerns,
  type DenylistClaim,
  entryNameOf,
  type Revocation,
  readRevocation,
} from '../../src/revocation/denylist.ts';
import { acceptedToken, ISSUER } from './accepted-token.ts';

const NOW = 1_700_000_000.7;
const CLAIMS: readonly DenylistClaim[] = ['jti', 'sid', 'sub'];

describe('a revocation', () => {
  test.each(CLAIMS)('by %s has the name of the tokens that it concerns, and of no others', (by) => {
    const { names } = readRevocation({ issuer: ISSUER, [by]: 'v1', untilSeconds: NOW }, by, NOW);

    expect(names).toEqual([entryNameOf(acceptedToken({ [by]: 'v1' }), by)]);
    expect(names).not.toContain(entryNameOf(acceptedToken({ [by]: 'v2' }), by));
    expect(names).not.toContain(entryNameOf(acceptedToken({ [by]: 'v1', iss: `${ISSUER}/` }), by));
  });

  test('names every spelling of its issuer', () => {
    const issuer = [ISSUER, `${ISSUER}/`];
    const { names } = readRevocation({ issuer, sub: 'alice', untilSeconds: NOW }, 'sub', NOW);

    expect(names).toEqual(issuer.map((iss) => entryNameOf(acceptedToken({ iss, sub: 'alice' }), 'sub')));
  });

  test('never has the name of another issuer or value, however they are cut', () => {
    const text = fc.string({ minLength: 1 }).filter((value) => !value.includes('\n'));
    fc.assert(
      fc.property(text, fc.string({ minLength: 1 }), text, fc.string({ minLength: 1 }), (iss, jti, otherIss, other) => {
        const isSame = iss === otherIss && jti === other;
        const name = entryNameOf(acceptedToken({ iss, jti }), 'jti');
        expect(name === entryNameOf(acceptedToken({ iss: otherIss, jti: other }), 'jti')).toBe(isSame);
      }),
    );
  });

  test('ends when no clock tolerance accepts its tokens any more', () => {
    expect(readRevocation({ issuer: ISSUER, jti: 'a', untilSeconds: 1000.2 }, 'jti', NOW).endSeconds).toBe(1301);
  });

  test('is from now unless it says otherwise', () => {
    const revocation = { issuer: ISSUER, jti: 'a', untilSeconds: NOW };

    expect(readRevocation(revocation, 'jti', NOW).revokedAtSeconds).toBe(1_700_000_000);
    expect(readRevocation({ ...revocation, revokedAtSeconds: 7 }, 'jti', NOW).revokedAtSeconds).toBe(7);
  });

  const VALID = { issuer: ISSUER, jti: 'secret-value', untilSeconds: NOW };
  test.each<[string, object, RegExp]>([
    ['no issuer', { issuer: undefined }, /^issuer /],
    ['an empty issuer', { issuer: '' }, /^issuer /],
    ['an empty list of issuers', { issuer: [] }, /^issuer /],
    ['an issuer that is no text', { issuer: [ISSUER, 7] }, /^issuer /],
    ['no jti', { jti: undefined }, /name jti/],
    ['an empty jti', { jti: '' }, /name jti/],
    ['a jti that is no text', { jti: 7 }, /name jti/],
    ['a sub instead of a jti', { jti: undefined, sub: 'alice' }, /name jti/],
    ['a sub besides the jti', { sub: 'alice' }, /name jti/],
    ['no end', { untilSeconds: undefined }, /^untilSeconds .* seconds/],
    ['an end in milliseconds', { untilSeconds: NOW * 1000 }, /^untilSeconds .* seconds/],
    ['an end that is no number', { untilSeconds: Number.NaN }, /^untilSeconds .* seconds/],
    ['a start in milliseconds', { revokedAtSeconds: NOW * 1000 }, /^revokedAtSeconds .* seconds/],
  ])('with %s throws, and says nothing of its values', (_, change, message) => {
    const read = () => readRevocation({ ...VALID, ...change } as Revocation, 'jti', NOW);

    expect(read).toThrow(TypeError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret-value|alice/);
  });
});

describe('a token', () => {
  test.each(CLAIMS)('without %s, or with one that is no text, is on no list', (by) => {
    for (const value of [undefined, null, '', 7, ['v1']])
      expect(entryNameOf(acceptedToken({ [by]: value }), by)).toBeUndefined();
    expect(entryNameOf(acceptedToken({ [by]: 'v1', iss: undefined }), by)).toBeUndefined();
  });

  test('is concerned by its jti whenever it was issued', () => {
    for (const iat of [undefined, 1, 99]) expect(concerns('jti', 10, acceptedToken({ iat }))).toBe(true);
  });

  test.each<DenylistClaim>(['sid', 'sub'])('is concerned by its %s unless it was issued later', (by) => {
    expect(concerns(by, 10, acceptedToken({ iat: 9 }))).toBe(true);
    expect(concerns(by, 10, acceptedToken({ iat: 10 }))).toBe(true);
    expect(concerns(by, 10, acceptedToken({ iat: 11 }))).toBe(false);
    expect(concerns(by, 10, acceptedToken({}))).toBe(true);
  });
});
