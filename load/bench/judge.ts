import { createValidator } from '@crossfade/validator';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import type { Candidate } from './interleave.ts';

const ISSUER = 'https://idp.example.com';
const LEGACY = 'default-api';
const TARGET = 'https://api.example.com/orders';

/** One token judged without a cache: bare jose, and the validator with all of its checks. */
export async function judgeCandidates(algorithm: 'RS256' | 'ES256'): Promise<Candidate[]> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: algorithm, use: 'sig' }] };
  const token = await new SignJWT({ scope: 'openid profile orders:read', client_id: 'web-app', tenant: 'x'.repeat(500) })
    .setProtectedHeader({ alg: algorithm, kid: 'k1', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(TARGET)
    .setSubject('user-1')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  const local = createLocalJWKSet(keys);
  const algorithms = [algorithm];
  const validator = createValidator({
    legacy: { issuer: ISSUER, audience: LEGACY, keys, algorithms },
    target: { issuer: ISSUER, audience: TARGET, keys, algorithms },
  });
  const judgement = await validator.judge(token);
  if (judgement.outcome !== 'accepted') throw new Error(`the benchmark's token is rejected: ${judgement.reason}`);
  return [
    {
      name: `jose jwtVerify ${algorithm}`,
      run: () => jwtVerify(token, local, { algorithms, issuer: ISSUER, audience: [LEGACY, TARGET] }),
    },
    { name: `crossfade judge ${algorithm}`, run: () => validator.judge(token) },
  ];
}
