import { expect, test } from 'vitest';
import { createOpenConnections } from '../../src/meter/open-connections.ts';
import { createStragglers } from '../../src/meter/stragglers.ts';
import { ACCEPTED, rejectedOf } from '../fixture/judgement.ts';

const BRIDGE = { ...ACCEPTED, audience: 'bridge' } as const;
const TARGET = { ...ACCEPTED, audience: 'target', afterClose: 'accepted' } as const;

function open({ endsRefused = false } = {}) {
  const stragglers = createStragglers({ now: () => 5_000, silenceMs: 60_000 });
  return { stragglers, connections: createOpenConnections({ stragglers, endsRefused: () => endsRefused }) };
}

/** A client that notes when it is cut off. */
function createClient() {
  let ended = 0;
  return {
    destroy() {
      ended += 1;
    },
    ended: () => ended,
  };
}

test('counts connections by the class of their token, accepted or not, until they end', () => {
  const { connections } = open();
  const client = createClient();
  const ends = [ACCEPTED, rejectedOf('legacy', 'legacy_closed'), BRIDGE, TARGET].map((judgement) =>
    connections.open(judgement, client, 1_000),
  );
  expect(connections.counts()).toEqual({ legacy: 2, bridge: 1, target: 1 });
  for (const noteEnd of ends) noteEnd?.();
  expect(connections.counts()).toEqual({ legacy: 0, bridge: 0, target: 0 });
  expect(client.ended()).toBe(0);
});

test.each(['foreign', 'opaque', 'invalid', 'none'] as const)('ignores a token of the class %s', (audience) => {
  const { connections } = open();
  const judgement = { outcome: 'rejected', audience, reason: 'bad_signature' } as const;
  expect(connections.open(judgement, createClient(), 1_000)).toBeUndefined();
  expect(connections.counts()).toEqual({ legacy: 0, bridge: 0, target: 0 });
});

test('ends only connections that are open and whose token a close refuses', () => {
  const { connections } = open();
  const [legacy, over, safe, unsafe, target, rejected] = Array.from({ length: 6 }, createClient);
  const start = (judgement: Parameters<typeof connections.open>[0], client = createClient()) =>
    connections.open(judgement, client, 1_000);
  start(ACCEPTED, legacy);
  start(ACCEPTED, over)?.();
  start({ ...BRIDGE, afterClose: 'accepted' }, safe);
  start({ ...BRIDGE, afterClose: 'rejected' }, unsafe);
  start(TARGET, target);
  start(rejectedOf('bridge', 'insufficient_scope', { afterClose: 'accepted' }), rejected);
  expect(connections.endRefused()).toBe(2);
  expect([legacy, over, safe, unsafe, target, rejected].map((client) => client?.ended())).toEqual([1, 0, 0, 1, 0, 0]);
});

test('after a close, ends one that opens, unless it has ended by then', async () => {
  const { connections } = open({ endsRefused: true });
  const [late, over, target] = [createClient(), createClient(), createClient()];
  connections.open(ACCEPTED, late, 1_000);
  connections.open(ACCEPTED, over, 1_000)?.();
  connections.open(TARGET, target, 1_000);
  expect(late.ended()).toBe(0);
  await new Promise(setImmediate);
  expect([late.ended(), over.ended(), target.ended()]).toEqual([1, 0, 0]);
});
