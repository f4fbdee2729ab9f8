import { createValidator, type ValidatorOptions } from '@crossfade/validator';
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
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type DpopProvider, startDpopProvider } from './provider.ts';

const LEGACY = 'https://api.example.com/legacy';
const TARGET = 'https://api.example.com/orders';
const SIDES = [
  ['legacy', LEGACY],
  ['target', TARGET],
] as const;

describe('openid-client with DPoP tokens of oidc-provider', () => {
  let provider: DpopProvider;
  let client: Configuration;
  let api: FastifyInstance | undefined;

  beforeAll(async () => {
    provider = await startDpopProvider();
    const { id, secret } = provider.client;
    client = await discovery(new URL(provider.issuer), id, secret, undefined, { execute: [allowInsecureRequests] });
  });
  afterEach(async () => api?.close());
  afterAll(async () => provider.close());

  /** @returns the URL of an API with one route, and the statuses of its responses. */
  async function startApi(options: Partial<ValidatorOptions> = {}): Promise<{ url: URL; statuses: number[] }> {
    const statuses: number[] = [];
    const { issuer } = provider;
    const validator = createValidator({
      legacy: { issuer, audience: LEGACY },
      target: { issuer, audience: TARGET, typ: 'at+jwt' },
      clients: [provider.client.id],
      ...options,
    });
    api = fastify();
    await api.register(crossfade, { validator });
    api.addHook('onResponse', async (_, reply) => {
      statuses.push(reply.statusCode);
    });
    api.get('/orders', { config: { crossfade: { scope: 'orders:read' } } }, async ({ accessToken }) => ({
      audience: accessToken?.audience,
    }));
    return { url: new URL('/orders?page=1', await api.listen({ host: '127.0.0.1', port: 0 })), statuses };
  }

  async function prover(alg?: string): Promise<DPoPHandle> {
    return getDPoPHandle(client, await randomDPoPKeyPair(alg));
  }

  async function grant(resource: string, DPoP?: DPoPHandle): Promise<string> {
    const parameters = { resource, scope: 'orders:read' };
    return (await clientCredentialsGrant(client, parameters, DPoP === undefined ? {} : { DPoP })).access_token;
  }

  it.each(SIDES)('is accepted with a %s token, request after request', async (audience, resource) => {
    const { url, statuses } = await startApi();
    const DPoP = await prover();
    const token = await grant(resource, DPoP);

    for (let request = 0; request < 5; request += 1) {
      const response = await fetchProtectedResource(client, token, url, 'GET', undefined, undefined, { DPoP });
      expect(await response.json()).toEqual({ audience });
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
  });

  it.each(SIDES)('learns the nonce from one rejection, with a %s token', async (audience, resource) => {
    const { url, statuses } = await startApi({
      dpop: { nonce: { secret: 'a secret of more than thirty-two characters' } },
    });
    const DPoP = await prover('Ed25519');
    const token = await grant(resource, DPoP);

    for (let request = 0; request < 3; request += 1) {
      const response = await fetchProtectedResource(client, token, url, 'GET', undefined, undefined, { DPoP });
      expect(await response.json()).toEqual({ audience });
    }
    expect(statuses).toEqual([401, 200, 200, 200]);
  });

  it.each(SIDES)('is rejected with a stolen %s token', async (_, resource) => {
    const { url, statuses } = await startApi();
    const token = await grant(resource, await prover());

    for (const options of [{}, { DPoP: await prover() }]) {
      const response = fetchProtectedResource(client, token, url, 'GET', undefined, undefined, options);
      await expect(response).rejects.toMatchObject({
        name: WWWAuthenticateChallengeError.name,
        cause: [{ scheme: 'dpop', parameters: { error: 'invalid_token' } }],
      });
    }
    expect(statuses).toEqual([401, 401]);
  });

  it('is accepted with a bearer token, unless the side demands a bound one', async () => {
    const token = await grant(TARGET);
    const plain = await startApi();
    expect((await fetchProtectedResource(client, token, plain.url, 'GET')).status).toBe(200);
    await api?.close();

    const { issuer } = provider;
    const strict = await startApi({ target: { issuer, audience: TARGET, senderConstrained: 'dpop' } });
    await expect(fetchProtectedResource(client, token, strict.url, 'GET')).rejects.toThrow(
      WWWAuthenticateChallengeError,
    );
  });
});
