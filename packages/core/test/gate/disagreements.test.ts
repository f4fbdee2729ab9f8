import { describe, expect, it } from 'vitest';
import { describeDisagreements, mergeDisagreements } from '../../src/gate/disagreements.ts';
import type { Disagreements } from '../../src/gate/evidence.ts';

const never = { lastVerifiedMs: null, lastUnverifiedMs: null, reasons: {} };

describe('mergeDisagreements', () => {
  it('adds up the counts and keeps the latest times of every meter', () => {
    const merged = mergeDisagreements([
      { disagreements: { lastVerifiedMs: 5, lastUnverifiedMs: null, reasons: { id_token: 2, expired: 1 } } },
      { disagreements: null },
      { disagreements: { lastVerifiedMs: 3, lastUnverifiedMs: 9, reasons: { id_token: 1, malformed_token: 4 } } },
      { disagreements: never },
    ]);
    expect(merged).toEqual({
      lastVerifiedMs: 5,
      lastUnverifiedMs: 9,
      reasons: { id_token: 3, expired: 1, malformed_token: 4 },
    });
  });

  it('finds none without meters', () => {
    expect(mergeDisagreements([])).toEqual(never);
  });
});

describe('describeDisagreements', () => {
  it('names the most frequent reason of its kind first, when, and the remedy', () => {
    const found = { lastVerifiedMs: 0, lastUnverifiedMs: 60_000, reasons: { expired: 1, id_token: 2, inactive: 3 } };
    expect(describeDisagreements('verified', found, 3_600_000, 120_000)).toBe(
      'the API accepted verified tokens that the plan refuses (id_token 2, expired 1; last 2m ago; the window is 1h): name their clients (crossfade stragglers), and make the plan accept what the API accepts',
    );
    expect(describeDisagreements('unverified', found, 3_600_000, 120_000)).toContain('(inactive 3; last 1m ago;');
  });

  it('names the settings that tell a sidecar what a client signed, where proofs are the reason', () => {
    const found = { lastVerifiedMs: 0, lastUnverifiedMs: null, reasons: { proof_invalid: 2, id_token: 1 } };
    expect(describeDisagreements('verified', found, 3_600_000, 0)).toMatch(
      /sidecar\.publicUrl.*clientCertificateHeader/,
    );
    expect(describeDisagreements('unverified', found, 3_600_000, 0)).not.toContain('publicUrl');
  });

  it('says so where a kind was never seen or was not counted', () => {
    expect(describeDisagreements('unverified', never, 3_600_000, 0)).toContain('(reasons unknown; last never;');
  });

  it('names what it knows of verified tokens whose reason can also be that of others', () => {
    const found = { lastVerifiedMs: 0, lastUnverifiedMs: null, reasons: { malformed_token: 3 } };
    expect(describeDisagreements('verified', found, 3_600_000, 0)).toContain('malformed_token 3');
  });

  it('names the remedy of each reason, and the plan only where the plan can help', () => {
    const about = (reasons: Disagreements['reasons']) =>
      describeDisagreements('verified', { lastVerifiedMs: 0, lastUnverifiedMs: null, reasons }, 3_600_000, 0);
    expect(about({ legacy_closed: 1 })).toMatch(/acceptance switch, or reopen/);
    expect(about({ legacy_closed: 1 })).not.toContain('make the plan accept');
    expect(about({ revoked: 1, id_token: 1 })).toMatch(/denylist.*make the plan accept|make the plan accept.*denylist/);
    expect(about({})).toContain('make the plan accept');
  });
});
