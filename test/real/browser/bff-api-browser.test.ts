import { once } from 'node:events';
import { createBff } from '@crossfade/client';
import { crossfadeBff } from '@crossfade/client/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { issuanceFixture } from '../../../packages/client/test/fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../../../packages/client/test/fixture/provider-fixture.ts';
import { type OrdersApi, startOrdersApi } from '../../bff-adapters/orders-api.ts';
import { launchChromium } from '../fixture/chromium.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { missing } from '../fixture/real-part.ts';

describe.skipIf(missing('chromium'))('the APIs of a page in Chromium, by the plugin for Fastify', () => {
  let browser: Browser;
  let page: Page;
  let provider: ProviderFixture;
  let api: OrdersApi;
  let server: FastifyInstance;
  let other: LoopbackServer;
  let app: string;

  beforeAll(async () => {
    browser = await launchChromium();
    api = await startOrdersApi();
    const port = await loopbackPort();
    app = `http://localhost:${port}`;
    provider = await startProvider({ redirectUri: `${app}/auth/callback` });
    const { issuer, clientId, clientSecret } = provider;
    const { selector } = issuanceFixture();
    const bff = createBff({
      ...{ issuer, clientId, clientSecret, selector, publicUrl: app },
      api: { '/api/': `${api.url}/v1/` },
    });
    server = Fastify({ forceCloseConnections: true });
    await server.register(crossfadeBff, { bff });
    server.get('/', async (request, reply) => {
      reply.type('text/html');
      return `<p>${(await request.crossfade.user())?.subject}</p>`;
    });
    await server.listen({ port, host: '127.0.0.1' });
    // Another site than `localhost`.
    other = await startLoopbackServer((_, response) =>
      response
        .setHeader('content-type', 'text/html')
        .end(`<form method="post" action="${app}/api/echo"><button>Win</button></form>`),
    );
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    await page.goto(`${app}/auth/login`);
    expect(await page.textContent('p')).toBe('alice');
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.close(), other?.close(), api?.close(), provider?.close()]);
  });

  it('passes on what a script sends, with the token and without its cookies', async () => {
    const shown: unknown[] = await page.evaluate(`(async () => {
      const json = async (init) => (await fetch('/api/orders?page=2', init)).json();
      return [await json({}), await json({ method: 'PUT', body: '{"a":1}' }), document.cookie];
    })()`);
    for (const { headers } of shown.slice(0, 2) as { headers: Record<string, string> }[]) {
      expect(headers['authorization']).toMatch(/^Bearer eyJ/);
      expect(Object.keys(headers).filter((name) => /cookie|origin|referer|sec-fetch/.test(name))).toEqual([]);
    }
    expect(shown).toMatchObject([{ url: '/v1/orders?page=2' }, { method: 'PUT' }, '']);
  });

  it('passes an EventSource on, and ends it with the page', async () => {
    await page.evaluate(`
      globalThis.got = [];
      new EventSource('/api/events').onmessage = ({ data }) => got.push(data);
    `);
    await expect.poll(() => api.received.some(({ url }) => url === '/v1/events')).toBe(true);
    for (const sent of [['one'], ['one', 'two'], ['one', 'two', 'three']]) {
      api.send(sent.at(-1) ?? '');
      await expect.poll(() => page.evaluate('got')).toEqual(sent);
    }
    const closed = once(api.events, 'closed');
    await page.close();
    expect(await closed).toEqual(['/v1/events']);
  });

  it('takes no form of another site', async () => {
    const before = api.received.length;
    await page.goto(other.url);
    const [response] = await Promise.all([page.waitForResponse(`${app}/api/echo`), page.click('button')]);
    expect(response.status()).toBe(403);
    expect(api.received).toHaveLength(before);
  });
});
