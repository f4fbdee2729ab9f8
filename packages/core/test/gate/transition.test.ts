import { describe, expect, it } from 'vitest';
import type { DrainVerdict } from '../../src/gate/drain-check.ts';
import type { Minting } from '../../src/gate/minting.ts';
import { decideMove, GUARDS, type Situation, TRANSITIONS } from '../../src/gate/transition.ts';

const refusing: DrainVerdict = {
  verdict: 'fail',
  checks: [
    { name: 'silence', verdict: 'fail', detail: 'a legacy token was seen', passesAtMs: null },
    { name: 'issuance', verdict: 'pass', detail: 'at 100', passesAtMs: null },
  ],
  earliestPassMs: null,
};
const drained: DrainVerdict = { verdict: 'pass', checks: [], earliestPassMs: 0 };

function situation(percent: number, change: Partial<Situation> = {}): Situation {
  return {
    position: { acceptance: 'both', issuance: { enabled: percent > 0, percent, revision: null, sinceMs: null } },
    nowMs: 0,
    fleet: { expected: 2, responding: 2, acceptingTarget: 2, legacyHolds: [] },
    drain: refusing,
    ...change,
  };
}

function closed(change: Partial<Situation> = {}): Situation {
  const { position } = situation(100);
  return situation(100, { position: { ...position, acceptance: 'target' }, ...change });
}

function refusals(...args: Parameters<typeof decideMove>) {
  const decision = decideMove(...args);
  return decision.allowed ? [] : decision.refusals.map(({ guard }) => guard);
}

describe('decideMove', () => {
  it('walks forward: expand, migrate, drain, contract', () => {
    expect(decideMove({ verb: 'advance', percent: 25 }, situation(0))).toMatchObject({
      allowed: true,
      phase: 'migrate',
    });
    expect(decideMove({ verb: 'advance', percent: 100 }, situation(25))).toMatchObject({
      allowed: true,
      phase: 'drain',
    });
    expect(decideMove({ verb: 'close' }, situation(100, { drain: drained }))).toMatchObject({
      allowed: true,
      phase: 'contract',
      position: { acceptance: 'target', issuance: { percent: 100 } },
    });
  });

  it('rolls back from anywhere while the legacy audience was never closed, whatever the fleet shows', () => {
    const nothingKnown = { expected: null, responding: 0, acceptingTarget: 0, legacyHolds: [] };
    for (const percent of [0, 10, 100]) {
      const decision = decideMove({ verb: 'rollback' }, situation(percent, { fleet: nothingKnown }));
      expect(decision).toMatchObject({
        allowed: true,
        phase: 'expand',
        position: { acceptance: 'both', issuance: { percent: 0, enabled: false } },
      });
    }
  });

  it('does not roll back while the legacy audience is closed, or an instance may still hold it closed', () => {
    expect(refusals({ verb: 'rollback' }, closed())).toEqual(['acceptance_open']);
    const fleet = {
      expected: null,
      responding: 1,
      acceptingTarget: 1,
      legacyHolds: [
        { meter: 'http://a:9464', why: 'refuses legacy tokens', untilMs: null },
        { meter: 'http://b:9464', why: 'was closed when it was last seen', untilMs: 61_000 },
      ],
    };
    expect(decideMove({ verb: 'rollback' }, situation(100, { fleet, nowMs: 1000 }))).toMatchObject({
      refusals: [
        {
          guard: 'fleet_reopened',
          detail: expect.stringMatching(
            /http:\/\/a:9464 refuses legacy tokens; http:\/\/b:9464 was closed when it was last seen \(holds for another 1m\)$/,
          ),
        },
      ],
    });
  });

  it('does not advance before every instance is known to accept target tokens', () => {
    const one = { expected: 2, responding: 2, acceptingTarget: 1, legacyHolds: [] };
    expect(refusals({ verb: 'advance', percent: 1 }, situation(0, { fleet: one }))).toEqual(['fleet_accepts_target']);
    const unknown = { expected: null, responding: 0, acceptingTarget: 5, legacyHolds: [] };
    expect(refusals({ verb: 'advance', percent: 1 }, situation(0, { fleet: unknown }))).toEqual([
      'fleet_accepts_target',
    ]);
    const none = { expected: 0, responding: 0, acceptingTarget: 0, legacyHolds: [] };
    expect(refusals({ verb: 'advance', percent: 1 }, situation(0, { fleet: none }))).toEqual(['fleet_accepts_target']);
  });

  it('does not advance while more meters respond than expected: one that counts twice may hide one that lags', () => {
    const surplus = { expected: 2, responding: 3, acceptingTarget: 3, legacyHolds: [] };
    const decision = decideMove({ verb: 'advance', percent: 1 }, situation(0, { fleet: surplus }));
    expect(decision).toMatchObject({
      refusals: [{ guard: 'fleet_accepts_target', detail: expect.stringMatching(/^3 of 2 .*counts twice/) }],
    });
    expect(refusals({ verb: 'rollback' }, situation(50, { fleet: surplus }))).toEqual([]);
  });

  it('names the sidecars that never had the keys of target, and what to do', () => {
    const targetKeysMissing = [{ meter: 'http://a:9464', reason: 'https://idp.example.com did not respond in time' }];
    const fleet = { expected: 2, responding: 2, acceptingTarget: 1, legacyHolds: [], targetKeysMissing };
    expect(decideMove({ verb: 'advance', percent: 1 }, situation(0, { fleet }))).toMatchObject({
      refusals: [
        {
          guard: 'fleet_accepts_target',
          detail: expect.stringMatching(
            /^1 of 2 .*: no keys of target yet at http:\/\/a:9464 \(https:\/\/idp.example.com did not respond in time\): let each sidecar reach/,
          ),
        },
      ],
    });
  });

  it('says that a token with both audiences is no proof, and what is', () => {
    const none = { expected: 2, responding: 2, acceptingTarget: 0, legacyHolds: [] };
    const decision = decideMove({ verb: 'advance', percent: 1 }, situation(0, { fleet: none }));
    expect(decision).toMatchObject({
      refusals: [{ detail: expect.stringMatching(/target audience alone.*both audiences proves nothing.*enforce/) }],
    });
  });

  it('does not advance after the API refused a valid token since the last step, and names who still refuses', () => {
    const fleet = { expected: 2, responding: 2, acceptingTarget: 2, legacyHolds: [], refusedValidMs: 1000 };
    const decide = (more: object) =>
      decideMove({ verb: 'advance', percent: 50 }, situation(25, { fleet: { ...fleet, ...more }, nowMs: 61_000 }));
    expect(decide({})).toMatchObject({
      refusals: [
        {
          guard: 'answers_clean',
          detail: expect.stringMatching(/refused a valid token 1m ago, since the last step: roll back/),
        },
      ],
    });
    expect(decide({ refusingTarget: ['http://a:9464'] })).toMatchObject({
      refusals: [{ detail: expect.stringContaining('http://a:9464 still refuses target tokens') }],
    });
    expect(decide({ refusedBy: ['http://b:9464'] })).toMatchObject({
      refusals: [{ detail: expect.stringContaining('1m ago (http://b:9464), since the last step') }],
    });
    expect(decide({ refusedValidMs: null })).toMatchObject({ allowed: true });
  });

  it('neither advances nor closes while a meter holds other flags than the store; rollback and reopen go on', () => {
    const why = 'reads another store, appconfig orders/staging/x';
    const { fleet } = situation(25);
    const apart = { fleet: { ...fleet, flagsApart: [{ meter: 'http://a:9464', why }] } };
    expect(decideMove({ verb: 'advance', percent: 50 }, situation(25, apart))).toMatchObject({
      refusals: [{ guard: 'flags_match', detail: expect.stringContaining(`http://a:9464 ${why}: compare flags`) }],
    });
    expect(refusals({ verb: 'close' }, situation(100, { ...apart, drain: drained }))).toEqual(['flags_match']);
    expect(refusals({ verb: 'rollback' }, situation(25, apart))).toEqual([]);
    expect(refusals({ verb: 'reopen' }, closed(apart))).toEqual([]);
  });

  it('keeps each step for its soak, says how long is left, and has none to keep at 0 %', () => {
    const soak = { sinceMs: 0, soakMs: 900_000 };
    const at = (percent: number, nowMs: number) =>
      decideMove({ verb: 'advance', percent: 50 }, situation(percent, { soak, nowMs }));
    expect(at(25, 180_000)).toMatchObject({
      refusals: [
        {
          guard: 'soaked',
          detail: expect.stringMatching(
            /^the last step was 3m ago, and each is kept for 15m .*: wait 12m, .*--skip-soak/,
          ),
        },
      ],
    });
    expect(at(25, 900_000)).toMatchObject({ allowed: true });
    expect(at(0, 1)).toMatchObject({ allowed: true });
    expect(refusals({ verb: 'rollback' }, situation(25, { soak }))).toEqual([]);
  });

  it('does not advance after the API accepted a token that the plan refuses since the last step', () => {
    const fleet = { expected: 2, responding: 2, acceptingTarget: 2, legacyHolds: [], disagreedMs: 1000 };
    const decide = (percent: number, more: object = {}) =>
      decideMove({ verb: 'advance', percent: 50 }, situation(percent, { fleet: { ...fleet, ...more }, nowMs: 61_000 }));
    expect(decide(25)).toMatchObject({
      refusals: [{ guard: 'agrees', detail: expect.stringMatching(/plan refuses 1m ago, since the last step/) }],
    });
    expect(decide(0)).toMatchObject({ allowed: true });
    expect(decide(25, { disagreedMs: null })).toMatchObject({ allowed: true });
  });

  it('does not advance, not even from 0 %, while the recording rules tell nothing of what the API accepted', () => {
    const fleet = { expected: 2, responding: 2, acceptingTarget: 2, legacyHolds: [], rulesTrouble: 'load them' };
    for (const percent of [0, 25]) {
      expect(decideMove({ verb: 'advance', percent: 50 }, situation(percent, { fleet }))).toMatchObject({
        refusals: [{ guard: 'agrees', detail: expect.stringMatching(/plan refuses is unknown: load them$/) }],
      });
    }
    expect(refusals({ verb: 'rollback' }, situation(25, { fleet }))).toEqual([]);
  });

  it('does not leave expand while the API accepts verified tokens that the plan refuses', () => {
    const check = { name: 'disagreements', verdict: 'fail', detail: 'id_token 3', passesAtMs: null } as const;
    const drain = { verdict: 'fail', checks: [check], earliestPassMs: null } as const;
    const decision = decideMove({ verb: 'advance', percent: 1 }, situation(0, { drain }));
    expect(decision).toEqual({
      allowed: false,
      refusals: [{ guard: 'expanded', detail: expect.stringMatching(/expand is not done.*id_token 3/) }],
    });
    expect(refusals({ verb: 'advance', percent: 2 }, situation(1, { drain }))).toEqual([]);
    const unverified = { ...drain, checks: [{ ...check, verdict: 'inconclusive' }] } as const;
    expect(refusals({ verb: 'advance', percent: 1 }, situation(0, { drain: unverified }))).toEqual([]);
  });

  it('does not advance while the provider mints legacy tokens for clients that chose target', () => {
    const counted = { kind: 'counted', windowMs: 3_600_000, target: 3, unknown: 0, legacy: { nightly: 2 } } as const;
    const at = (percent: number, minting: Minting) => situation(percent, { minting });
    expect(decideMove({ verb: 'advance', percent: 25 }, at(5, counted))).toEqual({
      allowed: false,
      refusals: [{ guard: 'minting', detail: expect.stringMatching(/^2 of 5 access tokens .*nightly 2/) }],
    });
    // A rollback, and the first step after it, are the way out.
    expect(refusals({ verb: 'rollback' }, at(5, counted))).toEqual([]);
    expect(refusals({ verb: 'advance', percent: 5 }, at(0, counted))).toEqual([]);
    expect(decideMove({ verb: 'advance', percent: 25 }, at(5, { kind: 'unrecorded', windowMs: 3_600_000 }))).toEqual({
      allowed: false,
      refusals: [{ guard: 'minting', detail: expect.stringMatching(/^what the provider mints is unknown: .*: load /) }],
    });
    for (const minting of [
      { ...counted, legacy: {} },
      { ...counted, target: 0, unknown: 9, legacy: { nightly: 0 } },
      { kind: 'uncounted' },
      { kind: 'unseen' },
    ] as const) {
      expect(refusals({ verb: 'advance', percent: 25 }, at(5, minting))).toEqual([]);
    }
  });

  it('advances only upwards, and only while the legacy audience is open', () => {
    expect(refusals({ verb: 'advance', percent: 25 }, situation(25))).toEqual(['forward_only']);
    expect(refusals({ verb: 'advance', percent: 25 }, closed())).toEqual(['acceptance_open', 'forward_only']);
  });

  it('closes only when the gate passes, and says what the gate said', () => {
    const decision = decideMove({ verb: 'close' }, situation(100));
    expect(decision).toEqual({
      allowed: false,
      refusals: [{ guard: 'drained', detail: 'the drain gate says fail: a legacy token was seen' }],
    });
  });

  it('reopens always', () => {
    expect(
      decideMove(
        { verb: 'reopen' },
        closed({ fleet: { expected: null, responding: 0, acceptingTarget: 0, legacyHolds: [] } }),
      ),
    ).toMatchObject({
      allowed: true,
      phase: 'drain',
    });
  });

  it('changes one switch at a time', () => {
    const { position } = situation(50);
    expect(TRANSITIONS.rollback.apply(position, { verb: 'rollback' }).acceptance).toBe(position.acceptance);
    expect(TRANSITIONS.close.apply(position, { verb: 'close' }).issuance).toBe(position.issuance);
    expect(TRANSITIONS.reopen.apply(position, { verb: 'reopen' }).issuance).toBe(position.issuance);
    expect(TRANSITIONS.advance.apply(position, { verb: 'advance', percent: 60 }).acceptance).toBe(position.acceptance);
  });

  it('asks for nothing of the target side when an advance names no percent', () => {
    expect(TRANSITIONS.advance.apply(situation(0).position, { verb: 'close' }).issuance.percent).toBe(0);
  });

  it('uses every guard in some row', () => {
    const used = new Set(Object.values(TRANSITIONS).flatMap((transition) => transition.guards));
    expect([...used].sort()).toEqual([...GUARDS].sort());
  });
});
