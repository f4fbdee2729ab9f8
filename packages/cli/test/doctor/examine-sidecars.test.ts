import { createHash } from 'node:crypto';
import { canonicalPlan, parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { examineSidecars } from '../../src/doctor/examine-sidecars.ts';
import type { SidecarSelf } from '../../src/doctor/read-selves.ts';
import { PLAN } from '../fixture/workplace.ts';

const plan = parsePlan(PLAN);
const hash = createHash('sha256').update(canonicalPlan(plan)).digest('hex').slice(0, 12);
const SELF: SidecarSelf = { meter: 'a', version: '1.2.0', plan: hash, process: 'p', clockAheadMs: 100, forOthers: 0 };
const RELAY = "relay unknown: whether an API passes its caller's token on to another API cannot be seen in front of it";

function examine(...selves: readonly Partial<SidecarSelf>[]) {
  const findings = examineSidecars(
    selves.map((self) => ({ ...SELF, ...self })),
    { plan, version: '1.2.0' },
  );
  return findings.map(({ check, verdict, detail }) => `${check} ${verdict}: ${detail}`);
}

describe('examineSidecars', () => {
  it('passes sidecars of this release that judge by this plan', () => {
    expect(examine({}, { meter: 'b' })).toEqual([
      'versions pass: 2 sidecars and this CLI are 1.2.0',
      `plans pass: the plan of 2 sidecars is the one read here (${hash})`,
      'clock pass: this clock agrees with those of the sidecars (2)',
      RELAY,
    ]);
  });

  it('names the sidecar of another release, of another plan, and with another clock', () => {
    expect(examine({}, { meter: 'b', version: '1.1.0', plan: 'other', clockAheadMs: 60_000 })).toEqual([
      'versions warn: b is 1.1.0, and this CLI 1.2.0',
      `plans warn: b judges by another plan (other) than the one read here (${hash})`,
      'clock warn: this clock and the one of b differ by about 1m; the plan tolerates 5s',
      RELAY,
    ]);
  });

  it('passes nothing that a sidecar does not tell', () => {
    expect(examine({ version: null, plan: null, clockAheadMs: null })).toEqual([
      'versions unknown: a does not tell its version',
      'plans unknown: which plan a judges by is not told',
      RELAY,
    ]);
  });

  it('warns of tokens for several APIs, which this one may pass on', () => {
    expect(examine({ forOthers: 3 }, { meter: 'b', forOthers: null }).at(-1)).toMatch(
      /^relay warn: 3 accepted requests/,
    );
  });

  it('finds nothing without sidecars', () => {
    expect(examine()).toEqual([]);
  });
});
