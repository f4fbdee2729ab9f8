import { describe, expect, it } from 'vitest';
import { describeMinting, type MintCounts, mintedForLegacy } from '../../src/gate/minting.ts';

function counted(counts: Partial<MintCounts>) {
  return { kind: 'counted', windowMs: 7_200_000, target: 0, unknown: 0, legacy: {}, ...counts } as const;
}

describe('describeMinting', () => {
  it.each([
    [counted({}), 'no client asked for target in the last 2h'],
    [counted({ target: 1 }), '1 of 1 access token for which clients chose target in the last 2h came for target'],
    [
      counted({ target: 5, unknown: 2, legacy: { 'web-app': 0 } }),
      '5 of 7 access tokens for which clients chose target in the last 2h came for target, and the responses to 2 do not show it',
    ],
    [
      counted({ unknown: 2 }),
      'unknown: the responses to 2 access tokens for which clients chose target in the last 2h do not show the side: examine one token with crossfade inspect',
    ],
    [
      { kind: 'uncounted' } as const,
      'unknown: no client counts what the provider mints (createClientMetrics of @crossfade/client/prometheus)',
    ],
    [
      { kind: 'unseen' } as const,
      'unknown: sidecars do not see what the provider mints; the metrics of clients need Prometheus (gate.prometheus)',
    ],
    [
      { kind: 'unrecorded', windowMs: 3_600_000 } as const,
      'unknown: clients count what the provider mints, and Prometheus has no crossfade:minted_legacy:increase5m of the last 1h: load deploy/prometheus/crossfade.rules.yml (crossfade doctor)',
    ],
  ])('of %j says what is known', (minting, text) => {
    expect(describeMinting(minting)).toBe(text);
    expect(mintedForLegacy(minting)).toBe(0);
  });

  it('names the services whose tokens came for legacy, the most frequent first, and what to do', () => {
    const minting = counted({ target: 90, unknown: 3, legacy: { nightly: 2, 'web-app': 5, other: 0 } });
    expect(mintedForLegacy(minting)).toBe(7);
    expect(describeMinting(minting)).toMatch(
      /^7 of 100 access tokens .* came for legacy \(web-app 5, nightly 2\): the provider refuses or ignores target: .*fell_back.*then roll back and advance again/,
    );
  });
});
