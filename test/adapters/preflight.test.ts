import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createValidator, type Validator } from '@crossfade/validator';
import { crossfade as expressGuard } from '@crossfade/validator/express';
import { crossfade as fastifyGuard } from '@crossfade/validator/fastify';
import { crossfade as fetchGuard } from '@crossfade/validator/fetch';
import { createHttpApiAuthorizer, createRestApiAuthorizer } from '@crossfade/validator/lambda';
import express5 from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const validator = createValidator({
  clients: [],
  legacy: { issuer: 'https://idp.example.com', audience: 'default-api' },
});

type Preflight = 'pass' | 'judge' | undefined;
type Fields = readonly (readonly [name: string, value: string])[];

/** An API whose CORS layer stands behind the guard, and responds 204 with the subject that it sees in `x-subject`. */
interface CorsApi {
  status(method: string, headers: Fields, body?: string): Promise<number>;
  close(): Promise<unknown>;
}

interface Setup {
  readonly validator: Validator;
  readonly preflight?: 'pass' | 'judge';
  readonly onJudgement: () => void;
}

const NO_TOKEN = 'none';

async function overHttp(url: string, close: () => Promise<unknown>): Promise<CorsApi> {
  return {
    async status(method, headers, body) {
      const request = httpRequest(`${url}/orders`, { method, agent: false });
      for (const name of new Set(headers.map(([header]) => header)))
        request.setHeader(
          name,
          headers.filter(([header]) => header === name).map(([, value]) => value),
        );
      if (body !== undefined) request.setHeader('content-length', body.length);
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      if (response.statusCode === 204) expect(response.headers['x-subject']).toBe(NO_TOKEN);
      return response.statusCode ?? 0;
    },
    close,
  };
}

async function startExpress(express: typeof express5, setup: Setup): Promise<CorsApi> {
  const app = express();
  app.use(expressGuard(setup));
  app.use((request, response) => {
    response.set('x-subject', request.accessToken?.subject ?? NO_TOKEN).sendStatus(204);
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return overHttp(url, () => new Promise((resolve) => server.close(resolve)));
}

async function startFastify(setup: Setup): Promise<CorsApi> {
  const app = fastify();
  await app.register(fastifyGuard, setup);
  // As `@fastify/cors` does it: a hook that responds, whatever routes there are.
  app.addHook('onRequest', async (request, reply) =>
    reply
      .header('x-subject', request.accessToken?.subject ?? NO_TOKEN)
      .code(204)
      .send(),
  );
  return overHttp(await app.listen({ host: '127.0.0.1', port: 0 }), () => app.close());
}

async function startFetch(setup: Setup): Promise<CorsApi> {
  return fetchApi(
    fetchGuard(setup, (_request, token) => {
      const subject = token?.subject ?? NO_TOKEN;
      return new Response(null, { status: 204, headers: { 'x-subject': subject } });
    }),
  );
}

async function startHono(setup: Setup): Promise<CorsApi> {
  const app = new Hono();
  app.use((context, next) =>
    fetchGuard(setup, async (_request, token) => {
      context.header('x-subject', token?.subject ?? NO_TOKEN);
      await next();
      return context.res;
    })(context.req.raw),
  );
  app.all('*', (context) => context.body(null, 204));
  return fetchApi((request) => app.fetch(request));
}

function fetchApi(handle: (request: Request) => Response | Promise<Response>): CorsApi {
  return {
    async status(method, fields, body = '') {
      const headers = new Headers();
      for (const [name, value] of fields) headers.append(name, value);
      const content = body === '' ? {} : { body };
      const response = await handle(new Request('https://api.example.com/orders', { method, headers, ...content }));
      if (response.status === 204) expect(response.headers.get('x-subject')).toBe(NO_TOKEN);
      return response.status;
    },
    close: async () => {},
  };
}

const ADAPTERS: readonly { name: string; byDefault: Preflight; start: (setup: Setup) => Promise<CorsApi> }[] = [
  { name: 'Fastify', byDefault: 'pass', start: startFastify },
  { name: 'Express 5', byDefault: 'pass', start: (setup) => startExpress(express5, setup) },
  {
    name: 'Express 4',
    byDefault: 'pass',
    start: (setup) => startExpress(express4 as unknown as typeof express5, setup),
  },
  { name: 'fetch handler', byDefault: 'judge', start: startFetch },
  { name: 'Hono', byDefault: 'judge', start: startHono },
];

const ORIGIN = ['origin', 'https://app.example.com'] as const;
const METHOD = ['access-control-request-method', 'POST'] as const;

interface Case {
  readonly name: string;
  readonly isPreflight?: boolean;
  readonly method?: string;
  readonly headers: Fields;
  readonly body?: string;
}

const CASES: readonly Case[] = [
  { name: 'a preflight', isPreflight: true, headers: [ORIGIN, METHOD] },
  {
    name: 'a preflight for a request with a token',
    isPreflight: true,
    headers: [ORIGIN, METHOD, ['access-control-request-headers', 'authorization']],
  },
  { name: 'a preflight of a sandboxed page', isPreflight: true, headers: [['origin', 'null'], METHOD] },
  { name: 'a preflight with the length 0', isPreflight: true, headers: [ORIGIN, METHOD, ['content-length', '0']] },
  { name: 'an OPTIONS without Origin', headers: [METHOD] },
  { name: 'an OPTIONS without a method', headers: [ORIGIN] },
  { name: 'an OPTIONS with two Origins', headers: [ORIGIN, ORIGIN, METHOD] },
  { name: 'an OPTIONS with two methods', headers: [ORIGIN, METHOD, METHOD] },
  { name: 'an OPTIONS with a bad token', headers: [ORIGIN, METHOD, ['authorization', 'Bearer a.b.c']] },
  { name: 'an OPTIONS with another scheme', headers: [ORIGIN, METHOD, ['authorization', 'Basic YTpi']] },
  { name: 'an OPTIONS with an empty Authorization', headers: [ORIGIN, METHOD, ['authorization', '']] },
  { name: 'an OPTIONS with a proof of possession', headers: [ORIGIN, METHOD, ['dpop', 'a.b.c']] },
  { name: 'an OPTIONS with a body', headers: [ORIGIN, METHOD], body: 'a body' },
  { name: 'an OPTIONS that overrides its method', headers: [ORIGIN, METHOD, ['x-http-method-override', 'DELETE']] },
  { name: 'a GET with the headers of a preflight', method: 'GET', headers: [ORIGIN, METHOD] },
  {
    name: 'a GET that claims to be an OPTIONS',
    method: 'GET',
    headers: [ORIGIN, METHOD, ['x-original-method', 'OPTIONS'], ['x-forwarded-method', 'OPTIONS']],
  },
];

let judgements = 0;
const setupOf = (preflight: Preflight): Setup => ({
  validator,
  onJudgement: () => {
    judgements += 1;
  },
  ...(preflight !== undefined && { preflight }),
});
const running = new Map<Preflight, { name: string; api: CorsApi }[]>();

beforeAll(async () => {
  for (const preflight of ['pass', 'judge', undefined] as const) {
    const apis = ADAPTERS.map(async ({ name, start }) => ({ name, api: await start(setupOf(preflight)) }));
    running.set(preflight, await Promise.all(apis));
  }
});
afterAll(() => Promise.all([...running.values()].flat().map(({ api }) => api.close())));

/** The status by the name of the adapter, and how many of them judged the request. */
async function sendToAll(preflight: Preflight, { method = 'OPTIONS', headers, body }: Case) {
  judgements = 0;
  const statuses: Record<string, number> = {};
  for (const { name, api } of running.get(preflight) ?? []) statuses[name] = await api.status(method, headers, body);
  return { statuses, judgements };
}

describe('every adapter', () => {
  const all = (status: number) => Object.fromEntries(ADAPTERS.map(({ name }) => [name, status]));

  it.each(CASES)('passes with `pass` what is a preflight, and judges the rest: $name', async (one) => {
    const passes = one.isPreflight === true;
    expect(await sendToAll('pass', one)).toEqual({
      statuses: all(passes ? 204 : 401),
      judgements: passes ? 0 : ADAPTERS.length,
    });
  });

  it.each(CASES)('judges everything with `judge`: $name', async (one) => {
    expect(await sendToAll('judge', one)).toEqual({ statuses: all(401), judgements: ADAPTERS.length });
  });

  it('passes preflights by default where a CORS layer of the framework follows', async () => {
    const { statuses } = await sendToAll(undefined, { name: 'a preflight', headers: [ORIGIN, METHOD] });
    expect(statuses).toEqual(
      Object.fromEntries(ADAPTERS.map(({ name, byDefault }) => [name, byDefault === 'pass' ? 204 : 401])),
    );
  });

  it.each([expressGuard, (options: object) => fetchGuard(options as Setup, () => new Response())])(
    'refuses another setting',
    (guard) => {
      expect(() => guard({ validator, preflight: 'allow' } as never)).toThrow(/preflight: must be pass or judge/);
    },
  );

  it('refuses another setting, as a Fastify plugin', async () => {
    const app = fastify();
    const options = { validator, preflight: 'allow' } as never;
    await expect(app.register(fastifyGuard, options).ready()).rejects.toThrow(/preflight: must be pass or judge/);
  });

  it.each([createHttpApiAuthorizer, createRestApiAuthorizer])(
    'has no such setting as an authorizer, whose cached response would let other requests through',
    (create) => {
      expect(() => create({ validator, preflight: 'pass' } as never)).toThrow(/preflight/);
    },
  );
});
