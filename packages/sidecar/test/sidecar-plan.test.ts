import { expect, test } from 'vitest';
import { requireSidecarPlan } from '../src/sidecar-plan.ts';
import { planOf } from './fixture/testbed.ts';

const PLAN = planOf({ issuer: 'https://idp.example.com', upstream: 'http://127.0.0.1:3000', flags: './flags.json' });

test('returns the sidecar section of the plan', () => {
  expect(requireSidecarPlan(PLAN)).toBe(PLAN.sidecar);
});

test('rejects a plan without a sidecar section', () => {
  const { sidecar: _, ...plan } = PLAN;
  expect(() => requireSidecarPlan(plan)).toThrow('sidecar: is required');
});

test.each([
  ['forward-auth', 'observe'],
  ['proxy', 'enforce'],
] as const)('needs both sides in %s with %s, which decide about tokens', (mode, judge) => {
  const { legacy: _, ...plan } = planOf(
    { issuer: 'https://idp.example.com', upstream: 'http://127.0.0.1:3000', flags: './flags.json' },
    { mode, judge },
  );
  expect(() => requireSidecarPlan(plan)).toThrow(
    `legacy: is required by sidecar.mode: ${mode} and sidecar.judge: ${judge}: this plan is for observing only`,
  );
});

test('needs no side in proxy with observe', () => {
  const { legacy: _, target: __, ...plan } = PLAN;
  expect(requireSidecarPlan(plan)).toBe(PLAN.sidecar);
});
