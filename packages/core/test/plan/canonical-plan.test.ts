import { describe, expect, it } from 'vitest';
import { canonicalPlan } from '../../src/plan/canonical-plan.ts';
import { parseObservationPlan, parsePlan } from '../../src/plan/plan-schema.ts';

const PLAN = {
  version: 1,
  migration: 'orders-2026',
  legacy: { issuer: 'https://idp.example.com', audience: 'default-api', tokenLifetime: '1h', sessionLifetime: '30d' },
  target: { issuer: 'https://idp.example.com', audience: 'https://api.example.com/orders', tokenLifetime: '15m' },
  clients: ['web-app'],
  flags: { source: 'file', path: './flags.json' },
};

describe('canonicalPlan', () => {
  it('is the same however the plan is spelt, and wherever its flags and meters are', () => {
    const moved = parsePlan({
      ...PLAN,
      legacy: Object.fromEntries(Object.entries(PLAN.legacy).reverse()),
      target: { ...PLAN.target, keys: { keys: [{ kty: 'EC', kid: 'a' }] } },
      flags: { source: 'file', path: '/etc/flags.json' },
      gate: { silence: '12h' },
    });
    const other = parsePlan({ ...PLAN, target: { ...PLAN.target, keys: { keys: [{ kid: 'a', kty: 'EC' }] } } });
    expect(canonicalPlan(moved)).toBe(canonicalPlan(other));
  });

  it.each([
    ['an audience', { target: { ...PLAN.target, audience: 'https://api.example.com/shipping' } }],
    [
      'a spelling of the issuer',
      { legacy: { ...PLAN.legacy, issuer: ['https://idp.example.com', 'https://old.example'] } },
    ],
    ['a client', { clients: ['web-app', 'nightly-batch'] }],
    ['the tolerance of clocks', { clockTolerance: '5s' }],
    ['a lifetime', { legacy: { ...PLAN.legacy, tokenLifetime: '2h' } }],
  ])('differs by %s', (_, change) => {
    expect(canonicalPlan(parsePlan({ ...PLAN, ...change }))).not.toBe(canonicalPlan(parsePlan(PLAN)));
  });

  it('knows a plan for observing, which lacks a side', () => {
    const { legacy, ...rest } = PLAN;
    const observing = parseObservationPlan({ ...rest, sidecar: SIDECAR });
    expect(canonicalPlan(observing)).toContain('"legacy":null');
  });
});

const SIDECAR = { service: 'orders-api', mode: 'proxy', judge: 'observe', upstream: 'http://127.0.0.1:3000' };
