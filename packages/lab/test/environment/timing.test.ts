import { describe, expect, it } from 'vitest';
import { timingOf } from '../../src/environment/timing.ts';

describe.each([{ fast: true }, { fast: false }])('the timing for %j', (options) => {
  const timing = timingOf(options);

  it('lets sessions outlive tokens', () => {
    expect(timing.sessionLifetimeSeconds).toBeGreaterThan(timing.tokenLifetimeSeconds);
  });

  it('lets traffic flow for longer than a poll interval', () => {
    expect(timing.holdMs).toBeGreaterThan(timing.pollIntervalSeconds * 1000);
  });
});

describe('the fast timing', () => {
  it('drains sooner than the standard one', () => {
    const { sessionLifetimeSeconds, tokenLifetimeSeconds, silenceSeconds } = timingOf({ fast: true });
    const standard = timingOf({ fast: false });
    expect(sessionLifetimeSeconds + tokenLifetimeSeconds + silenceSeconds).toBeLessThan(
      standard.sessionLifetimeSeconds + standard.tokenLifetimeSeconds + standard.silenceSeconds,
    );
  });
});
