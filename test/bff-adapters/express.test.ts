import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBff } from '@crossfade/client';
import { crossfadeBff } from '@crossfade/client/express';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { issuanceFixture } from '../../packages/client/test/fixture/issuance-fixture.ts';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** Without a request to its provider. */
const bff = createBff({
  ...{ issuer: 'http://127.0.0.1:9', clientId: 'web-app', clientSecret: 'secret' },
  selector: issuanceFixture().selector,
  publicUrl: 'https://app.example.com',
  api: { '/api/': 'http://127.0.0.1:9/' },
});

let close: (() => Promise<unknown>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

describe('the middleware for Express', () => {
  async function start(app: express.Express): Promise<string> {
    const server: Server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    close = async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const post = (url: string, body: string) =>
    fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...SAME_ORIGIN } });

  it('says that it must be mounted before a body parser, instead of sending an empty body', async () => {
    const app = express();
    const errors: unknown[] = [];
    app.use(express.json(), crossfadeBff({ bff }));
    app.use(((error, _request, response, _next) => {
      errors.push(error);
      response.status(500).end();
    }) as express.ErrorRequestHandler);
    const base = await start(app);
    expect((await post(`${base}/api/orders`, '{}')).status).toBe(500);
    expect(errors).toEqual([expect.objectContaining({ code: 'config_invalid' })]);
    expect(String(errors[0])).toMatch(/must be mounted before any body parser/);
    // What has no body does not need it.
    expect((await fetch(`${base}/api/orders`)).status).toBe(401);
    expect((await post(`${base}/orders`, '{}')).status).toBe(404);
  });

  it('works below a mount path of the application, by the path that the browser requested', async () => {
    const app = express();
    app.use('/auth', crossfadeBff({ bff }));
    expect((await fetch(`${await start(app)}/auth/user`)).status).toBe(401);
  });

  it('is middleware of node:http as well', async () => {
    const handle = crossfadeBff({ bff });
    const server = createServer((request: IncomingMessage, response) =>
      handle(request, response, () => response.writeHead(404).end()),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    close = async () => server.close();
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect([(await fetch(`${base}/auth/user`)).status, (await fetch(`${base}/`)).status]).toEqual([401, 404]);
    const trace = httpRequest(`${base}/api/orders`, { method: 'TRACE' });
    trace.end();
    const [traced] = (await once(trace, 'response')) as [IncomingMessage];
    expect(traced.resume().statusCode).toBe(404);
    server.closeAllConnections();
  });
});
