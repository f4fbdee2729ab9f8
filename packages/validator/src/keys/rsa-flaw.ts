/** What makes an RSA key one that others can sign with, or that no issuer uses. */
export type RsaFlaw =
  | 'RSA modulus under 2048 bits'
  | 'RSA modulus over 16384 bits'
  | 'RSA modulus with a small factor'
  | 'RSA modulus of a weak generator (ROCA, CVE-2017-15361)'
  | 'RSA exponent 1'
  | 'RSA exponent even'
  | 'RSA exponent over 33 bits';

/** RFC 7518 §3.3. */
const MIN_BITS = 2048;
/** OpenSSL's limit, `OPENSSL_RSA_MAX_MODULUS_BITS`: verifying takes time that grows with the square. */
const MAX_BITS = 16_384;
/** BoringSSL's limit (Chrome, Envoy): Windows allows 32 bits, and a larger exponent only costs time. */
const MAX_EXPONENT_BITS = 33;

/** The primes of the published detector, from 3 on. */
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
];
/** For each prime, the remainders that a weak modulus can have: the powers of 65537. */
const ROCA_REMAINDERS = PRIMES.map((prime) => ({ prime: BigInt(prime), remainders: powersOf(65_537 % prime, prime) }));

/**
 * Checks an RSA public key. With exponent 1 a signature is the padded hash itself, and an even or absurd one belongs to no
 * key pair; a modulus with a small factor, or one whose primes are 65537^a mod M + kM, can be factored.
 * @param modulus - `n` and `exponent` - `e` of the JWK, big-endian in base64url (RFC 7518 §6.3.1).
 * @see Nemec et al., The Return of Coppersmith's Attack (ACM CCS 2017), §4.1, and crocs-muni/roca: the fingerprint of such
 * a modulus is that 65537 generates each of its remainders. One random modulus in 2^27 has it, too.
 */
export function rsaFlaw(modulus: string, exponent: string): RsaFlaw | undefined {
  const [n, e] = [toBigInt(modulus, MAX_BITS), toBigInt(exponent, MAX_BITS)];
  if (n === undefined) return 'RSA modulus over 16384 bits';
  if (n < 1n << BigInt(MIN_BITS - 1)) return 'RSA modulus under 2048 bits';
  if (e === 1n) return 'RSA exponent 1';
  if (e === undefined || e >= 1n << BigInt(MAX_EXPONENT_BITS)) return 'RSA exponent over 33 bits';
  if (e % 2n === 0n) return 'RSA exponent even';
  if (n % 2n === 0n || PRIMES.some((prime) => n % BigInt(prime) === 0n)) return 'RSA modulus with a small factor';
  if (ROCA_REMAINDERS.every(({ prime, remainders }) => remainders.has(Number(n % prime)))) {
    return 'RSA modulus of a weak generator (ROCA, CVE-2017-15361)';
  }
  return undefined;
}

/** `undefined` for more than `maxBits`. Leading zeros do not count. */
function toBigInt(base64url: string, maxBits: number): bigint | undefined {
  const bytes = Buffer.from(base64url, 'base64url');
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start < 0) return 0n;
  const digits = bytes.subarray(start);
  return digits.length > maxBits / 8 ? undefined : BigInt(`0x${digits.toString('hex')}`);
}

function powersOf(base: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = base; !powers.has(power); power = (power * base) % prime) powers.add(power);
  return powers;
}
