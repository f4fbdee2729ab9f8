import { describe, expect, test } from 'vitest';
import { AUDIENCES, createBenchIssuer } from '../bench/bench-issuer.ts';
import { accepts, createCachingVerifiers, createVerifiers } from '../bench/verifier.ts';

describe.each(['RS256', 'ES256', 'EdDSA'] as const)('with %s', async (algorithm) => {
  const [issuer, otherIssuer] = await Promise.all([createBenchIssuer(algorithm), createBenchIssuer(algorithm)]);
  const valid = await issuer.mint();
  const changed = valid.slice(0, -20) + (valid.at(-20) === 'A' ? 'B' : 'A') + valid.slice(-19);
  const unsigned = `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${valid.split('.')[1]}.`;
  const invalid = {
    'a changed signature': changed,
    "another issuer's signature": await otherIssuer.mint(),
    'no signature': unsigned,
    'another issuer': await issuer.mint({ issuer: 'https://other.example.com' }),
    'another audience': await issuer.mint({ audience: 'other' }),
    'an expired token': await issuer.mint({ expiresInSeconds: -3600 }),
  };
  const verifiers = [...createVerifiers(issuer), ...createCachingVerifiers(issuer)];

  test.each(verifiers)(
    '$name accepts a valid token of either audience twice, and rejects invalid ones',
    async (verifier) => {
      for (const audience of AUDIENCES) {
        const token = await issuer.mint({ audience });
        expect([await accepts(verifier, token), await accepts(verifier, token)]).toEqual([true, true]);
      }
      expect(await accepts(verifier, valid)).toBe(true);
      for (const [difference, token] of Object.entries(invalid))
        expect([difference, await accepts(verifier, token)]).toEqual([difference, false]);
    },
  );
});
