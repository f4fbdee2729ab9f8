import { createMeter } from '@crossfade/validator/meter';
import { expect, test } from 'vitest';
import { createDashboard } from '../../src/admin/dashboard.ts';
import { readStatus } from '../../src/meter/status.ts';
import { createStragglers, readStragglers } from '../../src/meter/stragglers.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { ACCEPTED } from '../fixture/judgement.ts';
import { planOf } from '../fixture/testbed.ts';

function open() {
  let nowMs = 0;
  const [flags, meter] = [createSettableFlags(), createMeter()];
  const stragglers = createStragglers({ now: () => nowMs, silenceMs: 86_400_000 });
  const fixed = {
    migration: 'm',
    service: 's',
    flags,
    meter,
    startedAtMs: 0,
    process: 'a3c1',
    version: '0',
    keys: () => [],
  };
  const dashboard = createDashboard({
    plan: planOf({ issuer: 'https://idp.example.com', upstream: 'http://127.0.0.1:9', flags: 'flags.json' }),
    settings: { mode: 'forward-auth', judge: 'observe' },
    status: () =>
      readStatus({
        ...fixed,
        acceptance: () => 'both',
        shown: () => ({ legacy: true, target: true }),
        isPrepared: () => true,
      }),
    stragglers: () => readStragglers(stragglers, flags, 0),
    readiness: () => ({ ready: false }),
    now: () => nowMs,
  });
  return {
    dashboard,
    meter,
    stragglers,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('reports the current state with the names of the audiences', () => {
  const { dashboard, pass } = open();
  pass(5000);
  expect(dashboard.state()).toMatchObject({
    at: '1970-01-01T00:00:05.000Z',
    ready: false,
    mode: 'forward-auth',
    enforces: true,
    names: { legacy: 'default-api', target: 'https://api.example.com/orders' },
    flagSource: 'file',
    status: { phase: 'expand' },
    drain: { verdict: 'fail' },
  });
});

test('reports the fifty stragglers seen last, and their total number', () => {
  const { dashboard, stragglers } = open();
  for (let client = 0; client < 70; client += 1) stragglers.note({ ...ACCEPTED, clientId: `client-${client}` }, client);
  const { clients, known, truncated } = dashboard.state().stragglers;
  expect(clients).toHaveLength(50);
  expect(clients[0]?.clientId).toBe('client-69');
  expect({ known, truncated }).toEqual({ known: 70, truncated: false });
});

test('notes the accepted and rejected requests of each second', () => {
  const { dashboard, meter, pass } = open();
  expect(dashboard.note()).toBe('all');
  meter.count(ACCEPTED, 500);
  meter.count({ outcome: 'rejected', audience: 'none', reason: 'missing_token' }, 500);
  meter.countUnavailable(500);
  pass(1000);
  expect(dashboard.note()).toBe('point');
  expect(dashboard.history().points).toEqual([
    { atMs: 1000, legacy: 1, target: 0, bridge: 0, rejected: 2, unauthorized: 0 },
  ]);
  expect(dashboard.note()).toBe('nothing');
});
