import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ConfigError, type Judgement } from '@crossfade/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Adapter, Api, SentRequest } from './adapter.ts';
import { expressAdapters } from './express-adapter.ts';
import { fastifyAdapter } from './fastify-adapter.ts';
import { fetchAdapters } from './fetch-adapter.ts';
import { createFixture, type Fixture, target } from './fixture.ts';
import type { Headers } from './inputs.ts';
import { lambdaAdapters } from './lambda-adapter.ts';

const ADAPTERS: readonly Adapter[] = [fastifyAdapter, ...expressAdapters, ...fetchAdapters, ...lambdaAdapters];
const ROUTES = { '/orders': { introspect: 'always' } } as const;

/** What the issuer says of every token. */
let answer: { readonly status: number; readonly active: boolean };
/** The tokens that it was asked about. */
let asked: (string | null)[];
let issuer: Server;
let fixture: Fixture;

beforeAll(async () => {
  issuer = createServer(async (request, response) => {
    asked.push(new URLSearchParams(await text(request)).get('token'));
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ active: answer.active }));
  }).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  fixture = await createFixture();
});
afterAll(async () => {
  issuer.closeAllConnections();
  issuer.close();
  await once(issuer, 'close');
});
beforeEach(() => {
  answer = { status: 200, active: true };
  asked = [];
});

function introspection() {
  const endpoint = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/introspect`;
  return { endpoint, clientId: 'orders-api', clientSecret: 'secret' };
}

describe.each(ADAPTERS)('a route of $name that introspects always', (adapter) => {
  const judgements: Judgement[] = [];
  let api: Api;
  beforeAll(async () => {
    const validator = fixture.introspecting(introspection());
    const onJudgement = (judgement: Judgement) => judgements.push(judgement);
    api = await adapter.start({ validator, features: fixture.features, onJudgement, routes: ROUTES });
  });
  afterAll(() => api.close());
  beforeEach(() => {
    judgements.length = 0;
  });

  function send(token: string, more: Headers = [], scheme = 'Bearer') {
    const headers: Headers = [['authorization', `${scheme} ${token}`], ...more];
    const request: SentRequest = { path: '/orders', query: '', body: '', headers };
    return api.send(request);
  }

  it('asks about every JWT, remembered or not, and accepts an active one', async () => {
    const [legacyToken, targetToken] = [await fixture.token(), await fixture.token(target)];
    for (const token of [legacyToken, targetToken, legacyToken, targetToken]) {
      expect(await send(token)).toMatchObject({ status: 200, body: 'alice' });
    }
    expect(asked).toEqual([legacyToken, targetToken, legacyToken, targetToken]);
    expect(judgements.map(({ outcome }) => outcome)).toEqual(Array(4).fill('accepted'));
  });

  it('rejects a JWT from the moment on that its issuer calls it inactive', async () => {
    const token = await fixture.token();
    expect(await send(token)).toMatchObject({ status: 200 });
    answer = { status: 200, active: false };

    const response = await send(token);
    expect(response).toMatchObject({ status: 401 });
    if (adapter.isAuthorizer !== true) {
      expect(response.challenge).toMatch(/^Bearer error="invalid_token".*was revoked/);
      expect(JSON.parse(response.body)).toMatchObject({ reason: 'revoked' });
    }
    expect(judgements.at(-1)).toMatchObject({ outcome: 'rejected', audience: 'legacy', reason: 'revoked' });
    expect(judgements.at(-1)).toHaveProperty('token.clientId', 'app');
  });

  it('responds 503 while the issuer cannot be asked, and reports no judgement', async () => {
    answer = { status: 500, active: true };

    const response = await send(await fixture.token());
    expect(response).toMatchObject(adapter.isAuthorizer ? { status: 500 } : { status: 503, retryAfter: '5' });
    expect(judgements).toEqual([]);
  });

  it('does not ask about a token that is rejected anyway', async () => {
    for (const token of [await fixture.token({ exp: 1 }), await fixture.forged(), await fixture.token({ scope: '' })]) {
      expect((await send(token)).status).toBeGreaterThan(400);
    }
    expect(asked).toEqual([]);
  });

  // An authorizer that sees one header gets no proof.
  if (adapter.seesOneHeader !== true) {
    it('uses the proof of a bound token once, and challenges with DPoP', async () => {
      const token = await fixture.token({ cnf: fixture.keyBinding });
      const proof = () => fixture.proof(token, { method: 'POST', path: '/orders' });
      expect(await send(token, [['dpop', await proof()]], 'DPoP')).toMatchObject({ status: 200 });
      answer = { status: 200, active: false };

      const response = await send(token, [['dpop', await proof()]], 'DPoP');
      expect(response).toMatchObject({ status: 401 });
      if (adapter.isAuthorizer !== true) expect(response.challenge).toMatch(/^DPoP error="invalid_token"/);
      expect(judgements.at(-1)).toHaveProperty('token.expired', false);
    });
  }

  // Hono's handler is created with the request.
  if (adapter.name !== 'Hono') {
    it('needs introspection of both sides, at the start', async () => {
      const start = async (sides: Parameters<Fixture['introspecting']>[1]) => {
        const validator = fixture.introspecting(introspection(), sides);
        await adapter.start({ validator, features: fixture.features, onJudgement: () => {}, routes: ROUTES });
      };
      for (const sides of [[], ['legacy'], ['target']] as const) {
        await expect(start(sides)).rejects.toThrow(ConfigError);
        await expect(start(sides)).rejects.toThrow(/introspect: needs introspection of every side/);
      }
    });
  }
});
