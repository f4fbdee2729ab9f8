import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Browser, createBrowser } from '../../src/population/browser.ts';

let server: Server | undefined;
let browser: Browser | undefined;

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

afterEach(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

describe('a browser', () => {
  it('follows redirects and sends its cookies', async () => {
    const site = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/home', 'set-cookie': ['a=1', 'b=2'] }).end();
      else response.end(`${request.url} ${request.headers.cookie}`);
    });
    browser = createBrowser();
    expect(await browser.visit(site)).toEqual({ url: new URL('/home', site), status: 200, body: '/home a=1; b=2' });
    expect((await browser.visit(new URL('/again', site))).body).toBe('/again a=1; b=2');
  });

  it('stops before a URL that matches `stopsAt`', async () => {
    const visited: string[] = [];
    const site = await serve((request, response) => {
      visited.push(request.url ?? '');
      response.writeHead(303, { location: '/callback?code=1' }).end();
    });
    browser = createBrowser({ stopsAt: ({ pathname }) => pathname === '/callback' });
    expect((await browser.visit(site)).url.search).toBe('?code=1');
    expect(visited).toEqual(['/']);
  });

  it('submits a form as its own page does, with the cookie of an earlier visit', async () => {
    const site = await serve((request, response) => {
      response.end(`${request.method} ${request.headers.origin} ${request.headers.cookie}`);
    });
    browser = createBrowser({ cookie: { url: site, name: 'device', value: 'known' } });
    expect((await browser.submit(new URL('/logout', site))).body).toBe(`POST ${site.origin} device=known`);
  });

  it('rejects when a site never stops redirecting', async () => {
    const site = await serve((_request, response) => response.writeHead(302, { location: '/' }).end());
    browser = createBrowser();
    await expect(browser.visit(site)).rejects.toThrow('stopped after 20 redirects');
  });
});
