import { createPrivateKey, sign } from 'node:crypto';
import { createValidator, type Validator } from '@crossfade/validator';
import { AUDIENCES, type BenchIssuer, createBenchIssuer, ISSUER } from './bench-issuer.ts';
import { layOut } from './table.ts';

const [WARM_UP, FILL, FLOOD, STEP, IN_FLIGHT] = [3000, 4096, 1_000_000, 200_000, 32];

function validatorFor({ jwks }: BenchIssuer): Validator {
  const side = { issuer: ISSUER, keys: jwks };
  return createValidator({
    clients: [],
    legacy: { ...side, audience: AUDIENCES[0] },
    target: { ...side, audience: AUDIENCES[1] },
    cache: { maxEntries: 2 * FILL },
  });
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function judge(validator: Validator, token: string): Promise<void> {
  const { outcome } = await validator.judge(token);
  if (outcome !== 'accepted') throw new Error('the validator rejected a valid token of the benchmark');
}

async function fill(validator: Validator, issuer: BenchIssuer, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await judge(validator, await issuer.mint({ subject: `auth0|${n}` }));
}

/**
 * Measures the heap bytes of each cached token, at the size of RS256 tokens and with the cache half full. Another validator
 * runs first, so that compiled code is not counted as tokens.
 */
async function probeFill(): Promise<string> {
  const issuer = await createBenchIssuer('RS256');
  await fill(validatorFor(issuer), issuer, WARM_UP);
  const validator = validatorFor(issuer);
  const [bytesBefore, before] = [heapBytes(), validator.cache()];
  await fill(validator, issuer, FILL);
  const [bytesAfter, after] = [heapBytes(), validator.cache()];
  const entries = (after?.entries ?? 0) - (before?.entries ?? 0);
  const tokenBytes = ((after?.bytes ?? 0) - (before?.bytes ?? 0)) / entries;
  const perToken = (bytesAfter - bytesBefore) / entries;
  return `${perToken.toFixed(0)} bytes of heap for each of ${entries} remembered tokens of ${tokenBytes.toFixed(0)} bytes: x${(perToken / tokenBytes).toFixed(2)}\n`;
}

/** Returns a signer without jose, which would take most of the time. */
function tokenMaker({ privateJwk }: BenchIssuer): (n: number) => string {
  const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = encode({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' });
  const exp = Math.floor(Date.now() / 1000) + 86_400;
  return (n) => {
    const input = `${header}.${encode({ iss: ISSUER, aud: AUDIENCES[1], exp, sub: `auth0|${n}`, client_id: 'web-app' })}`;
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };
}

/** Measures the heap while a million tokens arrive once each. */
async function probeFlood(): Promise<string> {
  const issuer = await createBenchIssuer('ES256');
  const [validator, makeToken] = [validatorFor(issuer), tokenMaker(issuer)];
  const rows = [['distinct tokens', 'remembered', 'bytes of tokens', 'heap MB']];
  for (let done = 0; done < FLOOD; done += IN_FLIGHT) {
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => judge(validator, makeToken(done + n))));
    if ((done + IN_FLIGHT) % STEP !== 0 && done !== 512 * IN_FLIGHT) continue;
    const { entries, bytes } = validator.cache() ?? { entries: 0, bytes: 0 };
    rows.push([`${done + IN_FLIGHT}`, `${entries}`, `${bytes}`, (heapBytes() / 1e6).toFixed(1)]);
  }
  return layOut(rows);
}

process.stdout.write(`\nMemory\n${await probeFill()}`);
process.stdout.write(await probeFlood());
