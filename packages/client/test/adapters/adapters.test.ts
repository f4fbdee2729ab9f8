import { once } from 'node:events';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import type { BffOptions } from '../../src/bff/bff.ts';
import { createBff } from '../../src/bff/create-bff.ts';
import { crossfadeBff as expressBff } from '../../src/express.ts';
import { crossfadeBff as fastifyBff } from '../../src/fastify.ts';
import { crossfadeBff as fetchBff } from '../../src/fetch.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';

const APP = 'https://app.example.com';
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** Without a request to its provider. */
const options = (): BffOptions => ({
  ...{ issuer: 'http://127.0.0.1:9', clientId: 'web-app', clientSecret: 'secret', publicUrl: APP },
  selector: issuanceFixture().selector,
  api: { '/api/': 'http://127.0.0.1:9/' },
});

let close: (() => Promise<unknown>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

describe('an adapter without a backend', () => {
  const wrong = { bff: {} } as never;

  test('does not start', async () => {
    const message = /crossfadeBff.*bff: must be a backend for browsers: createBff creates one/s;
    expect(() => expressBff(wrong)).toThrow(message);
    expect(() => fetchBff(wrong)).toThrow(message);
    await expect(Fastify().register(fastifyBff, wrong)).rejects.toThrow(message);
  });

  test('names a misspelt option', () => {
    expect(() => expressBff({ bbf: createBff(options()) } as never)).toThrow(/did you mean bff\?/);
  });
});

describe('the plugin for Fastify', () => {
  async function start(prepare: (app: FastifyInstance) => Promise<void> | void = () => {}): Promise<FastifyInstance> {
    const app = Fastify();
    close = () => app.close();
    await prepare(app);
    await app.register(fastifyBff, { bff: createBff(options()) });
    return app;
  }

  test('cannot be registered with a prefix: the backend has its own paths', async () => {
    const app = Fastify();
    const registered = app.register(
      async (scope) => {
        await scope.register(fastifyBff, { bff: createBff(options()) });
      },
      { prefix: '/shop' },
    );
    await expect(registered).rejects.toThrow(/prefix: is not supported/);
  });

  test('leaves the headers of other plugins on its responses, and wins where both set one', async () => {
    const app = await start((instance) => {
      instance.addHook('onRequest', async (_, reply) => {
        reply.header('strict-transport-security', 'max-age=1').header('cache-control', 'public');
        reply.header('set-cookie', 'theirs=1');
      });
    });
    const { statusCode, headers } = await app.inject('/auth/user');
    expect([statusCode, headers['strict-transport-security'], headers['cache-control'], headers['set-cookie']]).toEqual(
      [401, 'max-age=1', 'no-store', 'theirs=1'],
    );
  });

  test('responds before guards that come after it, which hold for all other routes', async () => {
    const app = await start();
    app.addHook('onRequest', async (_, reply) => reply.code(401).send('guarded'));
    app.get('/orders', async () => 'orders');
    expect((await app.inject('/auth/logout')).statusCode).toBe(200);
    expect((await app.inject('/orders')).body).toBe('guarded');
  });

  test('responds to every method, without a body parser of the application', async () => {
    const app = await start();
    const payload = '{"not": JSON';
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      const headers = { 'content-type': 'application/json', ...SAME_ORIGIN };
      const { statusCode } = await app.inject({ method, url: '/api/orders', headers, payload });
      expect(statusCode).toBe(401);
    }
    expect((await app.inject({ method: 'HEAD', url: '/auth/user' })).statusCode).toBe(401);
    expect(
      (await app.inject({ method: 'PROPFIND' as 'GET', url: '/api/orders', headers: SAME_ORIGIN })).statusCode,
    ).toBe(401);
  });

  test('gives every request of the application its user, once', async () => {
    const app = await start();
    app.get('/same', async (request) => {
      const { crossfade } = request;
      return request.crossfade === crossfade && (await crossfade.user()) === undefined;
    });
    app.get('/token', async (request) => request.crossfade.token().catch((error: { code: string }) => error.code));
    expect([(await app.inject('/same')).body, (await app.inject('/token')).body]).toEqual(['true', 'login_required']);
  });

  test('waits for refreshes in progress when the application closes', async () => {
    const app = Fastify();
    const closed: string[] = [];
    const bff = { ...createBff(options()), close: async () => void closed.push('closed') };
    await app.register(fastifyBff, { bff });
    await app.close();
    expect(closed).toEqual(['closed']);
  });

  test('leaves a response alone that Fastify has sent meanwhile', async () => {
    const app = Fastify({ handlerTimeout: 50 });
    close = () => app.close();
    let cancelled = () => {};
    const isCancelled = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const late = new Promise<Response>((resolve) => {
      setTimeout(() => resolve(new Response(new ReadableStream({ cancel: cancelled }))), 150);
    });
    await app.register(fastifyBff, { bff: { ...createBff(options()), handle: () => late } });
    expect((await app.inject('/api/slow')).statusCode).toBe(503);
    await isCancelled;
  });

  test('works on HTTP/2', async () => {
    const app = Fastify({ http2: true });
    close = () => app.close();
    await app.register(fastifyBff, { bff: createBff(options()) });
    const session = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
    const stream = session.request({ ':path': '/auth/user', cookie: 'a=1' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect([headers[':status'], headers['content-type']]).toEqual([401, 'application/problem+json']);
    session.destroy();
  });

  /** A body whose API dies in the middle. */
  const half = () => {
    let pulls = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        if (pulls === 1) controller.enqueue(new TextEncoder().encode('half'));
        else controller.error(new TypeError('the body ended early'));
      },
    });
  };

  test('breaks off on HTTP/2 what its API breaks off', async () => {
    const app = Fastify({ http2: true });
    close = () => app.close();
    await app.register(fastifyBff, { bff: { ...createBff(options()), handle: async () => new Response(half()) } });
    const session = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
    const stream = session.request({ ':path': '/api/half' }).resume();
    await expect(once(stream, 'end')).rejects.toThrow('NGHTTP2_INTERNAL_ERROR');
    session.destroy();
  });

  test('knows on HTTP/2 whether a request has a body', async () => {
    const app = Fastify({ http2: true });
    close = () => app.close();
    const handle = async (request: Request) => new Response(request.body === null ? 'none' : await request.text());
    await app.register(fastifyBff, { bff: { ...createBff(options()), handle } });
    const session = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
    for (const body of ['none', 'some']) {
      const stream = session.request({ ':path': '/api/x', ':method': 'DELETE' }, { endStream: body === 'none' });
      if (body !== 'none') stream.end(body);
      expect(await text(stream)).toBe(body);
    }
    session.destroy();
  });
});

describe('the handler of fetch requests', () => {
  test('leaves the requests of the application to it', async () => {
    const handle = fetchBff({ bff: createBff(options()) });
    expect(await handle(new Request(`${APP}/orders`))).toBeUndefined();
    const response = new Response('theirs');
    expect(await handle(new Request(`${APP}/orders`), () => response)).toBe(response);
    expect((await handle(new Request(`${APP}/auth/user`), () => response))?.status).toBe(401);
  });
});
