import { expect, test } from 'vitest';
import { rsaFlaw } from '../../src/keys/rsa-flaw.ts';
import { createRocaKey, createRsaNumbers, toBase64url } from '../weak-rsa.ts';

const { n, e, p } = createRsaNumbers();
const flawOf = (modulus: bigint, exponent: bigint) => rsaFlaw(toBase64url(modulus), toBase64url(exponent));

test.each([3n, 17n, 65_537n, 2n ** 32n + 15n])('an ordinary modulus with exponent %s has no flaw', (exponent) => {
  expect(flawOf(n, exponent)).toBeUndefined();
});

test('a longer modulus has no flaw', () => {
  expect(flawOf(n * createRsaNumbers().n, e)).toBeUndefined();
  expect(flawOf((n ** 8n) >> 1n, e)).not.toBe('RSA modulus over 16384 bits');
});

test.each<[string, bigint, bigint, string]>([
  ['exponent 0', n, 0n, 'RSA exponent even'],
  ['exponent 1, with which a signature is the padded hash', n, 1n, 'RSA exponent 1'],
  ['exponent 2', n, 2n, 'RSA exponent even'],
  ['an even exponent', n, 65_536n, 'RSA exponent even'],
  ['an exponent of 34 bits', n, 2n ** 33n + 1n, 'RSA exponent over 33 bits'],
  ['an exponent as large as the modulus', n, n - 2n, 'RSA exponent over 33 bits'],
  ['an exponent larger than any modulus', n, 2n ** 20_000n + 1n, 'RSA exponent over 33 bits'],
  ['no modulus', 0n, e, 'RSA modulus under 2048 bits'],
  ['one prime of 1024 bits', p, e, 'RSA modulus under 2048 bits'],
  ['a modulus of 2047 bits', n >> 1n, e, 'RSA modulus under 2048 bits'],
  ['a modulus of 16392 bits', n << BigInt(16_392 - 2048), e, 'RSA modulus over 16384 bits'],
  ['an even modulus', n - 1n, e, 'RSA modulus with a small factor'],
  ['a modulus that 167 divides', n * 167n, e, 'RSA modulus with a small factor'],
])('%s is a flaw', (_, modulus, exponent, flaw) => {
  expect(flawOf(modulus, exponent)).toBe(flaw);
});

test('leading zeros make no modulus longer', () => {
  const padded = Buffer.concat([Buffer.alloc(200), Buffer.from(toBase64url(p), 'base64url')]).toString('base64url');

  expect(rsaFlaw(padded, 'AQAB')).toBe('RSA modulus under 2048 bits');
});

test('a modulus as CVE-2017-15361 made them is a flaw', () => {
  const { n: weak = '', e: exponent = '' } = createRocaKey().export({ format: 'jwk' });

  expect(rsaFlaw(weak, exponent)).toBe('RSA modulus of a weak generator (ROCA, CVE-2017-15361)');
});
