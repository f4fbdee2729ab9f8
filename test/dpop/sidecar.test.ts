import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePlanText } from '@crossfade/core/plan-file';
import type { SidecarStatus } from '@crossfade/core/status';
import { type Sidecar, startSidecar } from '@crossfade/sidecar';
import { createValidator } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import {
  allowInsecureRequests,
  type Configuration,
  clientCredentialsGrant,
  type DPoPHandle,
  discovery,
  fetchProtectedResource,
  getDPoPHandle,
  randomDPoPKeyPair,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DpopProvider, startDpopProvider } from './provider.ts';

const LEGACY = 'https://api.example.com/legacy';
const TARGET = 'https://api.example.com/orders';
const NONCE = { nonce: { secret: 'a secret of more than thirty-two characters' } };

describe('openid-client with DPoP tokens of oidc-provider, through a sidecar to an API that demands nonces', () => {
  let directory: string;
  let provider: DpopProvider;
  let client: Configuration;
  let api: FastifyInstance;
  let sidecar: Sidecar;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crossfade-dpop-'));
    await writeFile(join(directory, 'flags.json'), '{}');
    provider = await startDpopProvider();
    const { id, secret } = provider.client;
    client = await discovery(new URL(provider.issuer), id, secret, undefined, { execute: [allowInsecureRequests] });
  });
  afterEach(async () => {
    await sidecar.close();
    await api.close();
  });
  afterAll(async () => {
    await provider.close();
    await rm(directory, { recursive: true });
  });

  /** @returns the URL of the API's route as the client knows it. */
  async function start(judge: 'observe' | 'enforce'): Promise<URL> {
    const { issuer } = provider;
    const clients = [provider.client.id];
    const sides = { legacy: { issuer, audience: LEGACY }, target: { issuer, audience: TARGET } };
    api = fastify();
    await api.register(crossfade, { validator: createValidator({ ...sides, clients, dpop: NONCE }) });
    api.get('/orders', async ({ accessToken }) => ({ audience: accessToken?.audience }));
    const upstream = await api.listen({ host: '127.0.0.1', port: 0 });
    const addresses = { listen: '127.0.0.1:0', admin: '127.0.0.1:0' };
    const plan = {
      version: 1,
      migration: 'orders-2026',
      ...sides,
      clients,
      flags: { source: 'file', path: join(directory, 'flags.json') },
      sidecar: { service: 'orders-api', judge, upstream, ...addresses },
    };
    // The ports are chosen by the system, which a plan cannot say.
    const { sidecar: settings, ...rest } = parsePlanText(JSON.stringify(plan));
    if (settings === undefined) throw new Error('the plan has a sidecar');
    sidecar = await startSidecar({ ...rest, sidecar: { ...settings, ...addresses } });
    return new URL('/orders?page=1', sidecar.dataUrl);
  }

  async function prover(): Promise<DPoPHandle> {
    return getDPoPHandle(client, await randomDPoPKeyPair('ES256'));
  }

  async function grant(resource: string, DPoP: DPoPHandle): Promise<string> {
    return (await clientCredentialsGrant(client, { resource, scope: 'orders:read' }, { DPoP })).access_token;
  }

  async function status(): Promise<SidecarStatus> {
    return (await (await fetch(`${sidecar.adminUrl}/status`)).json()) as SidecarStatus;
  }

  it.each([
    ['observe', 'legacy', LEGACY],
    ['observe', 'target', TARGET],
    ['enforce', 'legacy', LEGACY],
    ['enforce', 'target', TARGET],
  ] as const)(
    'is accepted by both (%s, a %s token), and no request counts against either',
    async (judge, side, resource) => {
      const url = await start(judge);
      const DPoP = await prover();
      const token = await grant(resource, DPoP);

      for (let request = 0; request < 3; request += 1) {
        const response = await fetchProtectedResource(client, token, url, 'GET', undefined, undefined, { DPoP });
        expect(await response.json()).toEqual({ audience: side });
      }
      // The first request was sent twice: without a nonce, and with it.
      await vi.waitFor(async () =>
        expect((await status()).audiences[side]).toMatchObject({ accepted: 4, rejected: 0 }),
      );
      expect(await status()).toMatchObject({ validUnauthorized: 0, disagreements: { reasons: {} } });
    },
  );

  it.each(['observe', 'enforce'] as const)('is rejected with a stolen token (%s)', async (judge) => {
    const url = await start(judge);
    const token = await grant(TARGET, await prover());

    const stolen = fetchProtectedResource(client, token, url, 'GET', undefined, undefined, { DPoP: await prover() });
    await expect(stolen).rejects.toMatchObject({ name: WWWAuthenticateChallengeError.name });
    await vi.waitFor(async () => expect((await status()).audiences.target.rejected).toBeGreaterThan(0));
    expect(await status()).toMatchObject({
      audiences: { target: { accepted: 0 } },
      validUnauthorized: 0,
      disagreements: { reasons: {} },
    });
  });
});
