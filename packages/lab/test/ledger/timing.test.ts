import { describe, expect, it } from 'vitest';
import { tempoOf } from '../../src/ledger/timing.ts';

describe.each([{ fast: true }, { fast: false }])('the tempo for %j', (options) => {
  const tempo = tempoOf(options);

  it('renews tokens while they live, and lets sessions outlive tokens', () => {
    expect(tempo.renewalMarginSeconds).toBeLessThan(tempo.tokenLifetimeSeconds);
    expect(tempo.sessionLifetimeSeconds).toBeGreaterThan(tempo.tokenLifetimeSeconds);
  });

  it('holds traffic long enough for a poll or more', () => {
    expect(tempo.holdMs).toBeGreaterThan(tempo.pollIntervalSeconds * 1000);
  });
});

describe('the fast tempo', () => {
  it('drains sooner than the usual one', () => {
    const { sessionLifetimeSeconds, tokenLifetimeSeconds, silenceSeconds } = tempoOf({ fast: true });
    const usual = tempoOf({ fast: false });
    expect(sessionLifetimeSeconds + tokenLifetimeSeconds + silenceSeconds).toBeLessThan(
      usual.sessionLifetimeSeconds + usual.tokenLifetimeSeconds + usual.silenceSeconds,
    );
  });
});
