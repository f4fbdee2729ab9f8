import { checkPrimeSync, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** A number as a JWK writes it (RFC 7518 §2, Base64urlUInt). */
export function toBase64url(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

const PRIMORIAL = [
  2n,
  3n,
  5n,
  7n,
  11n,
  13n,
  17n,
  19n,
  23n,
  29n,
  31n,
  37n,
  41n,
  43n,
  47n,
  53n,
  59n,
  61n,
  67n,
  71n,
  73n,
  79n,
  83n,
  89n,
  97n,
  101n,
  103n,
  107n,
  109n,
  113n,
  127n,
  131n,
  137n,
  139n,
  149n,
  151n,
  157n,
  163n,
  167n,
].reduce((product, prime) => product * prime, 1n);

/** A private key as the library of CVE-2017-15361 made them: p = k * M + (65537 ^ a mod M). */
export function createRocaKey(): KeyObject {
  const [p, q] = [rocaPrime(), rocaPrime()];
  const [n, e, phi] = [p * q, 65_537n, (p - 1n) * (q - 1n)];
  const d = inverse(e, phi);
  const [dp, dq, qi] = [d % (p - 1n), d % (q - 1n), inverse(q, p)];
  const members = Object.entries({ n, e, d, p, q, dp, dq, qi }).map(([name, value]) => [name, toBase64url(value)]);
  return createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(members) }, format: 'jwk' });
}

function rocaPrime(): bigint {
  const bits = 1025 - PRIMORIAL.toString(2).length;
  for (;;) {
    const candidate = randomBigInt(bits) * PRIMORIAL + power(65_537n, randomBigInt(64), PRIMORIAL);
    // Two such primes have a product of 2048 bits.
    if (candidate >> 1022n === 3n && candidate % 65_537n !== 1n && checkPrimeSync(candidate)) return candidate;
  }
}

/** A public RSA key in a JWK, and its numbers. */
export function createRsaNumbers(): { readonly n: bigint; readonly e: bigint; readonly p: bigint } {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const [n, e, p] = [jwk.n, jwk.e, jwk.p].map((text) =>
    BigInt(`0x${Buffer.from(text ?? '', 'base64url').toString('hex')}`),
  );
  return { n: n as bigint, e: e as bigint, p: p as bigint };
}

function randomBigInt(bits: number): bigint {
  return BigInt(`0x${randomBytes(Math.ceil(bits / 8)).toString('hex')}`) >> BigInt((8 - (bits % 8)) % 8);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}
