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
    ['target tokens only if responses show it', { legacy: null, target: null }, { legacy: true, target: false }],
    ['target tokens once responses show it', { legacy: null, target: true }, { legacy: true, target: true }],
    ['not target tokens that it refuses', { legacy: true, target: false }, { legacy: true, target: false }],
    ['not legacy tokens that it refuses', { legacy: false, target: true }, { legacy: false, target: true }],
  ])('counts %s', async (_what, shown, accepts) => {
    expect((await read({ shown })).accepts).toEqual(accepts);
  });

  const at = (minute: number | null) => (minute === null ? null : `2026-11-21T10:${minute}:00Z`);
  it.each([
    ['the API took a target token', 30, null, null, true],
    ['the API refused one', null, 30, null, false],
    ['the API took one after it refused one', 31, 30, null, true],
    ['the API refused one after it took one', 30, 31, true, false],
    ['only tokens with both audiences were seen', null, null, null, false],
    ['a sidecar enforces, before the first token', null, null, true, true],
    ['a sidecar enforces without the target side', 30, null, false, false],
  ])(
    'where %s: accepted at %s, refused at %s, decided %s means %s',
    async (_what, accepted, refused, target, known) => {
      const none = { acceptedAt: null, unauthorizedAt: null };
      const apiResponses = { legacy: none, target: { acceptedAt: at(accepted), unauthorizedAt: at(refused) } };
      const shown = target === null ? {} : { shown: { legacy: null, target } };
      expect((await read({ apiResponses, ...shown })).accepts.target).toBe(known);
    },
  );

  it('uses the acceptance of a sidecar without separate observations', async () => {
    expect((await read({})).accepts).toEqual({ legacy: true, target: true });
    expect((await read({ acceptance: 'legacy' })).accepts).toEqual({ legacy: true, target: false });
    expect((await read({ acceptance: 'target' })).accepts).toEqual({ legacy: false, target: true });
  });
});
