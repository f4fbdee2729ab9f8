import { describe, expect, it } from 'vitest';
import type { ObservationPlan } from '../../src/plan/plan.ts';
import { parseObservationPlan, parsePlan, requireSides } from '../../src/plan/plan-schema.ts';
import { parseObservationPlanText, parsePlanText } from '../../src/plan-file.ts';
import { ConfigError } from '../../src/vocabulary/error.ts';

const observing = {
  version: 1,
  migration: 'orders-2026',
  flags: { source: 'file', path: './flags.json' },
  sidecar: { service: 'orders-api', upstream: 'http://127.0.0.1:3000' },
};
const legacy = { issuer: 'https://idp.example.com', audience: 'https://api.example.com' };
const target = { issuer: 'https://idp.example.com', audience: 'https://api.example.com/orders' };

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('a plan for observing', () => {
  it('may lack both sides, or one of them', () => {
    expect(parseObservationPlan(observing)).not.toHaveProperty('legacy');
    expect(parseObservationPlan({ ...observing, legacy }).legacy?.audience).toBe(legacy.audience);
    expect(parseObservationPlan({ ...observing, target }).target?.audience).toBe(target.audience);
  });

  it('is a whole plan with both sides', () => {
    const whole = { ...observing, legacy, target };
    expect(parseObservationPlan(whole)).toEqual(parsePlan(whole));
  });

  it('is refused by what needs both sides', () => {
    expect(problemsOf(() => parsePlan(observing)).map((problem) => problem.split(':')[0])).toEqual([
      'legacy',
      'target',
    ]);
    expect(problemsOf(() => requireSides(parseObservationPlan(observing), 'crossfade gate'))).toEqual([
      'legacy: is required by crossfade gate: this plan is for observing only; crossfade census proposes it',
      'target: is required by crossfade gate: this plan is for observing only',
    ]);
    const whole: ObservationPlan = parseObservationPlan({ ...observing, legacy, target });
    expect(requireSides(whole, 'crossfade gate')).toEqual(whole);
  });

  it.each([
    ['enforces', { ...observing, sidecar: { ...observing.sidecar, judge: 'enforce' } }],
    ['is asked by a proxy', { ...observing, sidecar: { service: 'orders-api', mode: 'forward-auth' } }],
    ['collects', { ...observing, sidecar: { service: 'orders-api', mode: 'collect' } }],
    ['is not there', { ...observing, sidecar: undefined }],
  ])('needs both sides where the sidecar %s', (_, plan) => {
    expect(problemsOf(() => parseObservationPlan(plan))).toEqual([
      'legacy: is required: it may be left out only while observing (sidecar.mode: proxy and sidecar.judge: observe)',
      'target: is required: it may be left out only while observing (sidecar.mode: proxy and sidecar.judge: observe)',
    ]);
  });

  it('is checked like any other plan', () => {
    expect(problemsOf(() => parseObservationPlan('no plan'))[0]).toMatch(/a mapping/);
    expect(problemsOf(() => parseObservationPlan({ ...observing, legcy: legacy }))[0]).toMatch(/legacy/);
    expect(problemsOf(() => parseObservationPlan({ ...observing, legacy: { ...legacy, issuer: 'x y' } }))[0]).toMatch(
      /^legacy.issuer: /,
    );
    expect(problemsOf(() => parseObservationPlan({ ...observing, legacy: { ...legacy, audience: 'web' } }))[0]).toMatch(
      /^clients: /,
    );
  });

  it('is read from a text, with overrides and lines', () => {
    const text = JSON.stringify(observing);
    expect(parseObservationPlanText(text).migration).toBe('orders-2026');
    expect(() => parsePlanText(text)).toThrow(ConfigError);
    const enforcing = { CROSSFADE_SIDECAR_JUDGE: 'enforce' };
    expect(problemsOf(() => parseObservationPlanText(text, enforcing))).toHaveLength(2);
  });
});
