import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createValidator } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/express';
import express from 'express';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuer, startIssuer, TARGET } from '../fixture/issuer.ts';
import { startNginx } from '../fixture/nginx-program.ts';
import { execute, missing } from '../fixture/real-part.ts';
import { startRecordingApi } from '../fixture/recording-api.ts';
import { startSidecarProgram } from '../fixture/sidecar-program.ts';

/** An API that a page of another origin calls, and what stands in front of it. */
interface Front {
  readonly url: string;
  close(): Promise<unknown>;
}

const NGINX = { trustedProxies: ['127.0.0.1'], methodHeader: 'X-Original-Method' };

async function startEnforcing(issuer: string): Promise<Front> {
  const api = await startRecordingApi();
  const sidecar = await startSidecarProgram({
    issuer,
    mode: 'proxy',
    upstream: api.url,
    sidecar: { judge: 'enforce' },
  });
  return { url: `http://127.0.0.1:${sidecar.port}`, close: () => Promise.all([sidecar.remove(), api.close()]) };
}

async function startAsked(issuer: string): Promise<Front> {
  const api = await startRecordingApi();
  const sidecar = await startSidecarProgram({ issuer, mode: 'forward-auth', sidecar: NGINX });
  const nginx = await startNginx('crossfade-fail-closed.conf', {
    '127.0.0.1:8080': `127.0.0.1:${sidecar.port}`,
    '127.0.0.1:3000': `127.0.0.1:${api.port}`,
  });
  return { url: nginx.url, close: () => Promise.all([nginx.remove(), sidecar.remove(), api.close()]) };
}

async function startGuarded(issuer: string): Promise<Front> {
  const app = express();
  const validator = createValidator({
    legacy: { issuer, audience: 'default-api' },
    target: { issuer, audience: TARGET },
    clients: [],
  });
  app.use(crossfade({ validator }));
  app.use((request, response) => {
    response.set('access-control-allow-origin', request.get('origin'));
    response.set({ 'access-control-allow-headers': 'authorization', 'access-control-allow-methods': '*' });
    response.json({ orders: [] });
  });
  return listening(createServer(app));
}

async function listening(server: Server): Promise<Front> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
}

describe.skipIf(missing('chromium') || missing('nginx'))('a page of another origin in Chromium', () => {
  let browser: Browser;
  let issuer: Issuer;
  let application: Front;

  beforeAll(async () => {
    issuer = await startIssuer();
    application = await listening(
      createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>')),
    );
    browser = await chromium.launch({
      executablePath: execute('sh', ['-c', 'command -v chromium'], '/').output.trim(),
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([application?.close(), issuer?.close()]);
  });

  it.each([
    ['a sidecar that enforces', startEnforcing],
    ['nginx that asks a sidecar', startAsked],
    ['an Express guard in front of its CORS middleware', startGuarded],
  ])('calls an API with a token through %s', async (_, start) => {
    const front = await start(issuer.url);
    const page = await browser.newPage();
    try {
      await page.goto(application.url);
      const token = await issuer.mint(TARGET);
      const call = (authorization: string) =>
        page.evaluate(
          async ([url, value]) => {
            const response = await fetch(`${url}/orders`, { method: 'DELETE', headers: { authorization: value } });
            return { status: response.status, body: await response.json() };
          },
          [front.url, authorization] as const,
        );

      expect(await call(`Bearer ${token}`)).toEqual({ status: 200, body: { orders: [] } });
    } finally {
      await page.close();
      await front.close();
    }
  });
});
