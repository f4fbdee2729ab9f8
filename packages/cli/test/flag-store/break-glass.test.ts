import { parsePlan } from '@crossfade/core';
import { expect, it } from 'vitest';
import { breakGlass } from '../../src/flag-store/break-glass.ts';
import { PLAN } from '../fixture/workplace.ts';

it('names the file to edit', () => {
  expect(breakGlass(parsePlan(PLAN)).join('\n')).toContain('edit ./flags.json');
});

it('names the location in AppConfig, what to stop and what to deploy', () => {
  const flags = { source: 'appconfig', application: 'orders', environment: 'prod', profile: 'crossfade' };
  const steps = breakGlass(parsePlan({ ...PLAN, flags })).join('\n');
  for (const step of ['environment prod', 'stop-deployment', 'start-deployment']) expect(steps).toContain(step);
});
