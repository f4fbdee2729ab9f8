import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crossfade as expressGuard, protectedResource as expressMetadata } from '@crossfade/validator/express';
import { crossfade as fastifyGuard, protectedResource as fastifyMetadata } from '@crossfade/validator/fastify';
import { crossfade as fetchGuard, protectedResource as fetchMetadata } from '@crossfade/validator/fetch';
import { createHttpApiAuthorizer, createRestApiAuthorizer } from '@crossfade/validator/lambda';
import express5 from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { respondAsApiGateway } from './api-gateway.ts';
import { createFixture, type Fixture } from './fixture.ts';
import { httpApiEvent, methodArnOf, restRequestEvent } from './lambda-events.ts';

const PUBLIC = 'https://api.example.com/shop';

interface Options {
  readonly publicUrl?: string;
  /** Whether the server trusts the proxy in front of it, which is the client of the test. */
  readonly trusts?: boolean;
}

/** An API that responds to `POST /orders`. */
interface Api {
  /** What its URL begins with, as it sees itself. */
  readonly own: string;
  post(
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly challenge?: string | null | undefined }>;
  get?(path: string): Promise<unknown>;
  close(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly start: (options: Options) => Promise<Api>;
}

let fixture: Fixture;
let api: Api | undefined;
beforeAll(async () => {
  fixture = await createFixture();
});
afterEach(() => api?.close());

const validator = () => fixture.validators.open();
const own = ({ publicUrl }: Options) => ({ validator: validator(), ...(publicUrl !== undefined && { publicUrl }) });

async function overHttp(base: string, close: () => Promise<unknown>): Promise<Api> {
  return {
    own: base,
    async post(headers) {
      const response = await fetch(`${base}/orders`, { method: 'POST', headers });
      return { status: response.status, challenge: response.headers.get('www-authenticate') };
    },
    get: async (path) => (await fetch(`${base}${path}`)).json(),
    async close() {
      await close();
    },
  };
}

const startFastify: Kind['start'] = async (options) => {
  const app = fastify(options.trusts === true ? { trustProxy: '127.0.0.1' } : {});
  await app.register(fastifyGuard, own(options));
  if (options.publicUrl !== undefined) await app.register(fastifyMetadata, own(options));
  app.post('/orders', async () => 'ok');
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  return overHttp(base, () => app.close());
};

const startExpress =
  (express: typeof express5): Kind['start'] =>
  async (options) => {
    const app = express();
    if (options.trusts === true) app.set('trust proxy', 'loopback');
    if (options.publicUrl !== undefined) app.use(expressMetadata(own(options)));
    app.post('/orders', expressGuard(own(options)), (_request, response) => {
      response.send('ok');
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return overHttp(base, async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
  };

const startFetch: Kind['start'] = async (options) => {
  const base = 'http://10.0.0.1:3000';
  const handler = fetchGuard(own(options), () => new Response('ok'));
  const metadata = options.publicUrl === undefined ? undefined : fetchMetadata(own(options));
  return {
    own: base,
    async post(headers) {
      const response = await handler(new Request(`${base}/orders`, { method: 'POST', headers }));
      return { status: response.status, challenge: response.headers.get('www-authenticate') };
    },
    get: async (path) => metadata?.(new Request(`${base}${path}`))?.json(),
    close: async () => {},
  };
};

const GATEWAY = 'https://abcdef1234.execute-api.eu-central-1.amazonaws.com';
const sent = (headers: Readonly<Record<string, string>>) =>
  ({ path: '/orders', query: '', body: '', headers: Object.entries(headers) }) as const;

const startHttpApi: Kind['start'] = async (options) => {
  const authorize = createHttpApiAuthorizer(own(options));
  return {
    own: GATEWAY,
    post: (headers) => respondAsApiGateway(() => authorize(httpApiEvent(sent(headers))), methodArnOf(sent(headers))),
    close: async () => {},
  };
};

const startRestApi: Kind['start'] = async (options) => {
  const authorize = createRestApiAuthorizer(own(options));
  return {
    own: GATEWAY,
    post: (headers) =>
      respondAsApiGateway(() => authorize(restRequestEvent(sent(headers))), methodArnOf(sent(headers))),
    close: async () => {},
  };
};

const SERVERS: readonly Kind[] = [
  { name: 'Fastify', start: startFastify },
  { name: 'Express 5', start: startExpress(express5) },
  { name: 'Express 4', start: startExpress(express4 as unknown as typeof express5) },
];
const OTHERS: readonly Kind[] = [
  { name: 'fetch', start: startFetch },
  { name: 'a Lambda authorizer of an HTTP API', start: startHttpApi },
  { name: 'a Lambda authorizer of a REST API', start: startRestApi },
];

/** The status of a request with a proof for a URL that begins with `base`. */
async function statusOf(to: Api, base: string, forwarded: Readonly<Record<string, string>> = {}): Promise<number> {
  const token = await fixture.token({ cnf: fixture.keyBinding });
  const dpop = await fixture.proof(token, { method: 'POST', path: '/orders', base });
  return (await to.post({ authorization: `DPoP ${token}`, dpop, ...forwarded })).status;
}

const NAMED = {
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'api.example.com',
  'x-forwarded-prefix': '/shop',
};
const SPOOFED = { ...NAMED, 'x-forwarded-host': 'evil.example.com', forwarded: 'host=evil.example.com' };

describe.each([...SERVERS, ...OTHERS])('the public URL of $name', ({ start }) => {
  test('is what proofs are for, whatever headers say', async () => {
    api = await start({ publicUrl: `${PUBLIC}/`, trusts: true });

    expect(await statusOf(api, PUBLIC)).toBe(200);
    expect(await statusOf(api, PUBLIC, SPOOFED)).toBe(200);
    expect(await statusOf(api, 'https://API.example.com:443/shop')).toBe(200);
    expect(await statusOf(api, api.own)).toBe(401);
    expect(await statusOf(api, 'https://api.example.com')).toBe(401);
    expect(await statusOf(api, 'https://evil.example.com/shop', SPOOFED)).toBe(401);
  });

  test('is that of the request itself, where no proxy is trusted', async () => {
    api = await start({});

    expect(await statusOf(api, api.own)).toBe(200);
    expect(await statusOf(api, api.own, NAMED)).toBe(200);
    expect(await statusOf(api, PUBLIC, NAMED)).toBe(401);
    expect(await statusOf(api, 'https://evil.example.com/shop', SPOOFED)).toBe(401);
  });
});

describe.each(SERVERS)('the public URL of $name behind a trusted proxy', ({ start }) => {
  test('is what the proxy says', async () => {
    api = await start({ trusts: true });

    expect(await statusOf(api, PUBLIC, NAMED)).toBe(200);
    expect(await statusOf(api, api.own)).toBe(200);
    expect(await statusOf(api, api.own, NAMED)).toBe(401);
    const chained = { ...NAMED, 'x-forwarded-host': 'evil.example.com, api.example.com' };
    expect(await statusOf(api, PUBLIC, chained)).toBe(200);
    expect(await statusOf(api, 'https://evil.example.com/shop', chained)).toBe(401);
    expect(await statusOf(api, 'https://evil.example.com/shop', { ...NAMED, forwarded: 'host=evil.example.com' })).toBe(
      401,
    );
  });
});

describe.each([...SERVERS, ...OTHERS.slice(0, 1)])('the metadata of $name', ({ start }) => {
  test('has the public URL as its resource, at both paths, and challenges point to it', async () => {
    api = await start({ publicUrl: PUBLIC });

    for (const rest of ['', '/shop']) {
      expect(await api.get?.(`/.well-known/oauth-protected-resource${rest}`)).toMatchObject({ resource: PUBLIC });
    }
    expect((await api.post({})).challenge).toContain(
      'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/shop"',
    );
  });
});
