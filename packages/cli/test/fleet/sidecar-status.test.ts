import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readSidecarStatus } from '../../src/fleet/sidecar-status.ts';

const never = { accepted: 0, rejected: 0, lastSeenAt: null, latestIssuedAt: null, latestExpiryAt: null };
const status = {
  migration: 'm',
  issuance: { percent: 10, enabled: true },
  acceptance: 'both',
  validUnauthorized: 0,
  flags: { revision: '1', stale: false },
  audiences: { legacy: never, target: never },
  startedAt: '2026-11-21T10:00:00Z',
};
let close = (): void => {};
afterEach(() => close());

async function read(change: Record<string, unknown>) {
  const server = createServer((_, response) => response.end(JSON.stringify({ ...status, ...change })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => void server.close();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return readSidecarStatus(url, 'm', Date.parse('2026-11-21T11:00:00Z'), {
    env: {},
    signal: new AbortController().signal,
  });
}

describe('the disagreements that a sidecar reports', () => {
  it('are read with their times', async () => {
    const disagreements = {
      reasons: { id_token: 3 },
      lastVerifiedAt: '2026-11-21T10:30:00Z',
      lastUnverifiedAt: null,
    };
    expect((await read({ disagreements })).evidence.disagreements).toEqual({
      reasons: { id_token: 3 },
      lastVerifiedMs: Date.parse('2026-11-21T10:30:00Z'),
      lastUnverifiedMs: null,
    });
  });

  it('are unknown of an older sidecar', async () => {
    expect((await read({})).evidence.disagreements).toBeNull();
  });
});

describe('the open connections and the replaced headers that a sidecar reports', () => {
  it('are read', async () => {
    const openConnections = { legacy: 2, target: 5, bridge: 1 };
    const forwardedHeaders = { replaced: 7, from: ['10.0.3.7'], lastAt: '2026-11-21T10:30:00Z' };
    expect(await read({ openConnections, forwardedHeaders })).toMatchObject({
      openConnections,
      forwardedHeaders: { replaced: 7, from: ['10.0.3.7'] },
    });
  });

  it('are unknown of an older sidecar', async () => {
    expect(await read({})).toMatchObject({ openConnections: null, forwardedHeaders: null });
  });
});

describe('the missing keys of target', () => {
  const keys = (failure: number, more: object = {}) => [
    { side: 'legacy', ageSeconds: null, refreshes: { success: 0, failure: 1 }, missing: 'a.example.com is down' },
    { side: 'target', ageSeconds: null, refreshes: { success: 0, failure }, ...more },
  ];
  it.each([
    ['are reported with the reason', keys(3, { missing: 'b.example.com is down' }), 'b.example.com is down'],
    ['do not matter before they are asked for', keys(0, { missing: 'b.example.com was not asked yet' }), null],
    ['are none where target has keys', keys(1), null],
    ['are unknown of an older sidecar', undefined, null],
  ])('%s', async (_what, reported, missingTargetKeys) => {
    expect(await read(reported === undefined ? {} : { keys: reported })).toMatchObject({ missingTargetKeys });
  });
});

describe('the audiences that a sidecar reports as accepted', () => {
  it.each([
    ['nothing where it shows nothing', { legacy: null, target: null }, [undefined, undefined]],
    ['what it shows', { legacy: true, target: false }, [true, false]],
  ] as const)('takes over %s', async (_what, shown, [legacy, target]) => {
    const { sides } = await read({ shown });
    expect([sides.legacy.commanded, sides.target.commanded]).toEqual([legacy, target]);
  });

  it('reads when the API took and refused tokens of each side', async () => {
    const at = (minute: number) => `2026-11-21T10:${minute}:00Z`;
    const apiResponses = {
      legacy: { acceptedAt: at(30), unauthorizedAt: null },
      target: { acceptedAt: null, unauthorizedAt: at(31) },
    };
    expect((await read({ apiResponses, shown: { legacy: null, target: null } })).sides).toEqual({
      legacy: { acceptedMs: Date.parse(at(30)), unauthorizedMs: null, commanded: undefined },
      target: { acceptedMs: null, unauthorizedMs: Date.parse(at(31)), commanded: undefined },
    });
  });

  it('takes the position of an older sidecar without separate observations', async () => {
    const commanded = async (change: object) => {
      const { sides } = await read(change as Record<string, unknown>);
      return [sides.legacy.commanded, sides.target.commanded];
    };
    expect(await commanded({})).toEqual([true, true]);
    expect(await commanded({ acceptance: 'legacy' })).toEqual([true, false]);
    expect(await commanded({ acceptance: 'target' })).toEqual([false, true]);
  });
});
