import { parsePlanText } from '@crossfade/core/plan-file';
import { describe, expect, it } from 'vitest';
import { rehearsalPlan } from '../../src/environment/rehearsal-plan.ts';
import { timingOf } from '../../src/environment/timing.ts';

const sidecars = [
  { listen: '127.0.0.1:1001', admin: '127.0.0.1:1002', upstream: 'http://127.0.0.1:1003' },
  { listen: '127.0.0.1:2001', admin: '127.0.0.1:2002', upstream: 'http://127.0.0.1:2003' },
];
const inputs = {
  migration: 'rehearsal-7',
  issuer: 'http://127.0.0.1:3001',
  flagEndpoint: 'http://127.0.0.1:3002',
  clients: ['web-app', 'batch-1'],
  sidecars,
};

describe.each([{ fast: true }, { fast: false }])('the plan of a rehearsal, %j', (options) => {
  const timing = timingOf(options);
  const plan = parsePlanText(rehearsalPlan(inputs, timing));

  it('is valid for every program', () => {
    expect(plan).toMatchObject({ migration: 'rehearsal-7', clients: ['web-app', 'batch-1'], sidecar: sidecars[0] });
  });

  it('states the lifetimes that the identity provider uses', () => {
    for (const side of [plan.legacy, plan.target]) {
      expect(side.tokenLifetimeMs).toBe(timing.tokenLifetimeSeconds * 1000);
      expect(side.sessionLifetimeMs).toBe(timing.sessionLifetimeSeconds * 1000);
    }
  });

  it('makes the gate require every sidecar', () => {
    expect(plan.gate).toMatchObject({ coverage: 1, sidecars: ['http://127.0.0.1:1002', 'http://127.0.0.1:2002'] });
  });
});
