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
