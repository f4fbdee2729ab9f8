import { describe, expect, test } from 'vitest';
import { AUDIENCES, createBenchIssuer } from '../bench/bench-issuer.ts';
import { accepts, createCachingVerifiers, createVerifiers } from '../bench/verifier.ts';

describe.each(['RS256', 'ES256', 'EdDSA'] as const)('with %s', async (algorithm) => {
  const [issuer, stranger] = await Promise.all([createBenchIssuer(algorithm), createBenchIssuer(algorithm)]);
  const good = await issuer.mint();
  const changed = good.slice(0, -20) + (good.at(-20) === 'A' ? 'B' : 'A') + good.slice(-19);
  const none = `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${good.split('.')[1]}.`;
  const bad = {
    'a changed signature': changed,
    "a stranger's signature": await stranger.mint(),
    'no signature': none,
    'another issuer': await issuer.mint({ issuer: 'https://other.example.com' }),
    'another audience': await issuer.mint({ audience: 'other' }),
    'no time left': await issuer.mint({ expiresInSeconds: -3600 }),
  };
  const verifiers = [...createVerifiers(issuer), ...createCachingVerifiers(issuer)];

  test.each(verifiers)('$name takes a token for either audience, twice, and no bad one', async (verifier) => {
    for (const audience of AUDIENCES) {
      const token = await issuer.mint({ audience });
      expect([await accepts(verifier, token), await accepts(verifier, token)]).toEqual([true, true]);
    }
    expect(await accepts(verifier, good)).toBe(true);
    for (const [what, token] of Object.entries(bad))
      expect([what, await accepts(verifier, token)]).toEqual([what, false]);
  });
});
