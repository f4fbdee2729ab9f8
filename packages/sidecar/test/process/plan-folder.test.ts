import { expect, test } from 'vitest';
import { resolvePlanPaths } from '../../src/process/plan-folder.ts';
import { planOf } from '../fixture/testbed.ts';

const PLACES = { issuer: 'https://idp.example.com', upstream: 'https://127.0.0.1:3000', flags: './flags.json' };

test('relative paths start at the folder of the plan', () => {
  const plan = planOf(PLACES, { tlsCert: 'tls/cert.pem', tlsKey: 'tls/key.pem', upstreamCa: '../ca.pem' });
  expect(resolvePlanPaths(plan, '/etc/crossfade')).toMatchObject({
    flags: { path: '/etc/crossfade/flags.json' },
    sidecar: {
      tlsCert: '/etc/crossfade/tls/cert.pem',
      tlsKey: '/etc/crossfade/tls/key.pem',
      upstreamCa: '/etc/ca.pem',
      upstream: 'https://127.0.0.1:3000',
    },
  });
});

test('absolute paths, and stores without a path, stay as they are', () => {
  const plan = planOf({ ...PLACES, flags: '/var/flags.json' });
  expect(resolvePlanPaths(plan, '/etc/crossfade')).toEqual(plan);
  const agent = { source: 'agent', url: 'http://localhost:2772', application: 'a', environment: 'e', profile: 'p' };
  const { sidecar: _, ...rest } = plan;
  const remote = { ...rest, flags: { ...agent, pollIntervalMs: 15_000 } } as typeof rest;
  expect(resolvePlanPaths(remote, '/etc/crossfade')).toEqual(remote);
});
