import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRAIN_CHECKS, type DrainCheckName } from '../../src/gate/drain-check.ts';
import { drainVerdict, drainWindowMs } from '../../src/gate/drain-verdict.ts';
import type { Disagreements, Evidence, MeterEvidence } from '../../src/gate/evidence.ts';
import { parsePlan } from '../../src/plan/plan-schema.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse('2026-11-21T00:00:00Z');
const plan = parsePlan({
  version: 1,
  migration: 'orders',
  legacy: { issuer: 'https://idp.example.com', audience: 'old', tokenLifetime: '1h', sessionLifetime: '7d' },
  target: { issuer: 'https://idp.example.com', audience: 'new' },
  clients: [],
  clockTolerance: '5s',
  flags: { source: 'file', path: 'flags.json' },
  gate: { silence: '24h', coverage: 1 },
});
const window = drainWindowMs(plan);

const NO_DISAGREEMENTS: Disagreements = { lastVerifiedMs: null, lastUnverifiedMs: null, reasons: {} };
const drainedMeter: MeterEvidence = {
  meter: 'http://a',
  watchedSinceMs: now - 40 * DAY,
  legacy: { lastSeenMs: now - 9 * DAY, latestIssuedMs: now - 9 * DAY, latestExpiryMs: now - 9 * DAY + HOUR },
  target: { lastSeenMs: now - 1000 },
  lastValidUnauthorizedMs: null,
  disagreements: NO_DISAGREEMENTS,
};
const drained: Evidence = {
  issuance: { enabled: true, percent: 100, revision: '9', sinceMs: now - 20 * DAY },
  expectedMeters: 2,
  meters: [drainedMeter, { ...drainedMeter, meter: 'http://b' }],
};

function withMeter(change: Partial<MeterEvidence>, evidence: Evidence = drained): Evidence {
  return { ...evidence, meters: [drainedMeter, { ...drainedMeter, ...change }] };
}

function check(evidence: Evidence, name: DrainCheckName) {
  const found = drainVerdict(evidence, plan, now).checks.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no check named ${name}`);
  return found;
}

describe('drainVerdict', () => {
  it('passes when every check passes, and explains each in a sentence', () => {
    const result = drainVerdict(drained, plan, now);
    expect(result.verdict).toBe('pass');
    expect(result.checks.map(({ name }) => name)).toEqual(DRAIN_CHECKS);
    expect(result.checks.every(({ verdict, detail }) => verdict === 'pass' && detail.length > 10)).toBe(true);
    expect(result.earliestPassMs).toBe(now);
  });

  it('states connections that legacy tokens opened, without changing its verdict', () => {
    const before = drainVerdict(drained, plan, now);
    expect(before).not.toHaveProperty('notes');
    const { notes, ...verdict } = drainVerdict({ ...drained, openConnections: { legacy: 2, bridge: 1 } }, plan, now);
    expect(verdict).toEqual(before);
    expect(notes).toEqual([expect.stringMatching(/^2 connections opened with legacy tokens are still open/)]);
    expect(drainVerdict({ ...drained, openConnections: null }, plan, now)).toEqual(before);
  });

  it('fails while any login may still ask for legacy', () => {
    const at99: Evidence = { ...drained, issuance: { ...drained.issuance, percent: 99.99 } };
    expect(check(at99, 'issuance')).toMatchObject({ verdict: 'fail', passesAtMs: null });
    expect(drainVerdict(at99, plan, now)).toMatchObject({ verdict: 'fail', earliestPassMs: null });
  });

  it('is inconclusive while a meter is missing, or their number is unknown', () => {
    expect(check({ ...drained, expectedMeters: 3 }, 'coverage').verdict).toBe('inconclusive');
    expect(check({ ...drained, expectedMeters: null }, 'coverage').verdict).toBe('inconclusive');
    expect(check({ ...drained, expectedMeters: 0 }, 'coverage').verdict).toBe('inconclusive');
    expect(drainVerdict({ ...drained, expectedMeters: 3 }, plan, now).verdict).toBe('inconclusive');
  });

  it('is inconclusive while more meters respond than expected: one that counts twice may hide a missing one', () => {
    const surplus = check({ ...drained, expectedMeters: 1 }, 'coverage');
    expect(surplus).toEqual({
      name: 'coverage',
      verdict: 'inconclusive',
      detail:
        '2 of 1 expected meters responded: one that counts twice may hide one that is missing: correct the scrape jobs or the expected number, and let an API count by itself or by a sidecar, not by both',
      passesAtMs: null,
    });
  });

  it('treats the absence of all meters as missing evidence, not as silence', () => {
    expect(drainVerdict({ ...drained, meters: [] }, plan, now).verdict).toBe('inconclusive');
    const unknown = { ...drained, meters: [], issuance: { ...drained.issuance, sinceMs: null } };
    expect(check(unknown, 'sessions').verdict).toBe('inconclusive');
  });

  it('is inconclusive until every meter has watched the whole window', () => {
    const watchedSinceMs = now - window + 1;
    expect(check(withMeter({ watchedSinceMs }), 'watched')).toMatchObject({
      verdict: 'inconclusive',
      passesAtMs: now + 1,
    });
    expect(check(withMeter({ watchedSinceMs: now - window }), 'watched').verdict).toBe('pass');
  });

  it('fails while a legacy token was seen within the window, and says when that is over', () => {
    const legacy = { ...drainedMeter.legacy, lastSeenMs: now - window + 5 };
    expect(check(withMeter({ legacy }), 'silence')).toMatchObject({ verdict: 'fail', passesAtMs: now + 5 });
  });

  it('passes silence when no legacy token was ever seen', () => {
    const never = { lastSeenMs: null, latestIssuedMs: null, latestExpiryMs: null };
    const meters = drained.meters.map((meter) => ({ ...meter, legacy: never }));
    expect(drainVerdict({ ...drained, meters }, plan, now).verdict).toBe('pass');
  });

  it('fails while a legacy token that was seen is still valid, however long ago it was used', () => {
    const legacy = { ...drainedMeter.legacy, latestExpiryMs: now + HOUR };
    expect(check(withMeter({ legacy }), 'expiry')).toMatchObject({ verdict: 'fail', passesAtMs: now + HOUR + 5000 });
  });

  it('fails until the refresh horizon after the last legacy issuance has passed', () => {
    const legacy = { ...drainedMeter.legacy, latestIssuedMs: now - 7 * DAY };
    expect(check(withMeter({ legacy }), 'sessions').verdict).toBe('fail');
    const justFull: Evidence = { ...drained, issuance: { ...drained.issuance, sinceMs: now - DAY } };
    expect(check(justFull, 'sessions')).toMatchObject({ verdict: 'fail', passesAtMs: now + 6 * DAY + HOUR + 5000 });
  });

  it('counts the silent window from when issuance moved, if that is later than the last legacy token', () => {
    const justFull: Evidence = { ...drained, issuance: { ...drained.issuance, sinceMs: now - window + 5 } };
    expect(check(justFull, 'silence')).toMatchObject({ verdict: 'fail', passesAtMs: now + 5 });
    expect(check({ ...justFull, meters: [] }, 'silence')).toMatchObject({ verdict: 'fail', passesAtMs: now + 5 });
    const full: Evidence = { ...drained, issuance: { ...drained.issuance, sinceMs: now - window } };
    expect(check(full, 'silence').verdict).toBe('pass');
  });

  it('takes a young meter for one that forgot the last legacy issuance: a login may have seen the switch late', () => {
    const young = check(withMeter({ watchedSinceMs: now - 2 * DAY }), 'sessions');
    expect(young).toMatchObject({ verdict: 'fail', passesAtMs: now + 5 * DAY + HOUR + 5000 });
  });

  it('bounds the last legacy issuance by the meters own past where no time was noted', () => {
    const unnoted: Evidence = { ...drained, issuance: { ...drained.issuance, sinceMs: null } };
    expect(check(unnoted, 'sessions').verdict).toBe('pass');
    expect(check(withMeter({ watchedSinceMs: now - 2 * DAY }, unnoted), 'sessions').verdict).toBe('fail');
  });

  it('is inconclusive without target traffic in the window: a blind meter is silent too', () => {
    const never = drained.meters.map((meter) => ({ ...meter, target: { lastSeenMs: null } }));
    expect(check({ ...drained, meters: never }, 'target_traffic').verdict).toBe('inconclusive');
    const old = drained.meters.map((meter) => ({ ...meter, target: { lastSeenMs: now - window } }));
    expect(check({ ...drained, meters: old }, 'target_traffic').verdict).toBe('inconclusive');
  });

  it('is inconclusive while no meter responds: nothing was seen is no proof then', () => {
    for (const name of ['target_traffic', 'silence', 'expiry', 'answers'] as const)
      expect(check({ ...drained, meters: [] }, name)).toMatchObject({
        verdict: 'inconclusive',
        detail: 'no meter watches',
      });
  });

  it('names the one meter that saw no target token, whatever the others saw', () => {
    const blind = check(withMeter({ meter: 'http://blind', target: { lastSeenMs: null } }), 'target_traffic');
    expect(blind).toMatchObject({ verdict: 'inconclusive', detail: expect.stringContaining('by http://blind:') });
  });

  it('fails while the API refused a valid token within the window', () => {
    expect(check(withMeter({ lastValidUnauthorizedMs: now - 1 }), 'answers').verdict).toBe('fail');
    expect(check(withMeter({ lastValidUnauthorizedMs: now - window }), 'answers').verdict).toBe('pass');
  });

  describe('disagreements', () => {
    const found = (change: Partial<Disagreements>) =>
      check(withMeter({ disagreements: { ...NO_DISAGREEMENTS, ...change } }), 'disagreements');

    it('fail the gate while a verified token was accepted against the plan within the window', () => {
      const reasons = { wrong_audience: 3, id_token: 12, malformed_token: 900 };
      expect(found({ lastVerifiedMs: now - window + 5, reasons })).toMatchObject({
        verdict: 'fail',
        passesAtMs: now + 5,
        detail: expect.stringMatching(
          /^the API accepted verified tokens that the plan refuses \(id_token 12, wrong_audience 3; last 1d 1h ago; the window is 1d 1h\): .*crossfade stragglers.*make the plan accept/,
        ),
      });
      expect(found({ lastVerifiedMs: now - window, reasons }).verdict).toBe('pass');
    });

    it('leave the gate inconclusive while a token that cannot be verified was accepted within the window', () => {
      const reasons = { id_token: 12, malformed_token: 900 };
      expect(found({ lastUnverifiedMs: now - HOUR, reasons })).toMatchObject({
        verdict: 'inconclusive',
        passesAtMs: now - HOUR + window,
        detail: expect.stringMatching(
          /tokens that cannot be verified \(malformed_token 900; last 1h ago;.*sidecar\.publicPaths.*gate\.acknowledged/,
        ),
      });
      expect(found({ lastUnverifiedMs: now - window, reasons }).verdict).toBe('pass');
    });

    it('pass only once both kinds are over, and the times decide even without a count', () => {
      const both = found({ lastVerifiedMs: now - 2 * HOUR, lastUnverifiedMs: now - HOUR });
      expect(both.detail).toMatch(/verified tokens that the plan refuses.*tokens that cannot be verified/);
      expect(both).toMatchObject({ verdict: 'fail', passesAtMs: now - HOUR + window });
      expect(both.detail).toContain('(reasons unknown; last 2h ago');
    });

    it('of a clock ahead of this one count as recent', () => {
      expect(found({ lastVerifiedMs: now + HOUR }).verdict).toBe('fail');
    });

    it('are inconclusive where a meter is too old to report them: unknown is not none', () => {
      const old = withMeter({ meter: 'http://old', disagreements: null });
      expect(check(old, 'disagreements')).toMatchObject({
        verdict: 'inconclusive',
        passesAtMs: null,
        detail: expect.stringMatching(/^http:\/\/old: too old to tell/),
      });
      const verified = { ...NO_DISAGREEMENTS, lastVerifiedMs: now - HOUR };
      const mixed = { ...old, meters: [...old.meters, { ...drainedMeter, disagreements: verified }] };
      expect(check(mixed, 'disagreements')).toMatchObject({ verdict: 'fail', passesAtMs: null });
    });

    it('are inconclusive without a meter', () => {
      expect(check({ ...drained, meters: [] }, 'disagreements').verdict).toBe('inconclusive');
    });
  });

  it('names the earliest time at which all can pass', () => {
    const both = withMeter({
      watchedSinceMs: now - HOUR,
      legacy: { ...drainedMeter.legacy, latestExpiryMs: now + 2 * DAY },
    });
    expect(drainVerdict(both, plan, now).earliestPassMs).toBe(now + 7 * DAY + 5000);
  });

  it('never passes because of one more legacy request', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 * DAY }), (agoMs) => {
        const seenMs = now - agoMs;
        const legacy = { lastSeenMs: seenMs, latestIssuedMs: seenMs, latestExpiryMs: seenMs + HOUR };
        const order = { pass: 0, inconclusive: 1, fail: 2 };
        const more = order[drainVerdict(withMeter({ legacy }), plan, now).verdict];
        const older = withMeter({
          legacy: { lastSeenMs: seenMs - DAY, latestIssuedMs: seenMs - DAY, latestExpiryMs: seenMs },
        });
        expect(more).toBeGreaterThanOrEqual(order[drainVerdict(older, plan, now).verdict]);
      }),
    );
  });
});
