import { Agent, request } from 'undici';
import { createCookieJar } from './cookie-jar.ts';

interface Page {
  /** Where the redirects ended. */
  readonly url: URL;
  readonly status: number;
  readonly body: string;
}

/** A minimal browser for logins: cookies and redirects, no scripts. */
export interface Browser {
  /** Opens a page and follows its redirects. Rejects when a server cannot be reached or redirects too often. */
  visit(url: URL): Promise<Page>;
  /** Submits a form without fields of the page's own site, and follows the redirects as {@link Browser.visit}. */
  submit(url: URL): Promise<Page>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  /** A redirect to a URL that matches ends the visit without a request: for tests that handle that URL themselves. */
  readonly stopsAt?: (url: URL) => boolean;
  /** A cookie of an earlier visit. */
  readonly cookie?: { readonly url: URL; readonly name: string; readonly value: string };
}

const MAX_REDIRECTS = 20;
const TIMEOUT_MS = 10_000;

export function createBrowser({ stopsAt = () => false, cookie }: BrowserOptions = {}): Browser {
  const jar = createCookieJar();
  if (cookie !== undefined) jar.store(cookie.url, [`${cookie.name}=${cookie.value}; path=/`]);
  const dispatcher = new Agent({ connections: 2, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });

  const send = async (method: 'GET' | 'POST', url: URL) => {
    const cookies = jar.headerFor(url);
    const response = await request(url, {
      dispatcher,
      method,
      headers: {
        ...(cookies !== '' && { cookie: cookies }),
        ...(method === 'POST' && { origin: url.origin }),
      },
    });
    jar.store(url, [response.headers['set-cookie'] ?? []].flat());
    const location = response.headers['location'];
    const isRedirect = response.statusCode >= 300 && response.statusCode <= 399 && typeof location === 'string';
    return {
      page: { url, status: response.statusCode, body: await response.body.text() },
      next: isRedirect ? new URL(location, url) : undefined,
    };
  };

  const open = async (method: 'GET' | 'POST', start: URL): Promise<Page> => {
    let { page, next } = await send(method, start);
    for (let redirects = 0; redirects < MAX_REDIRECTS; redirects += 1) {
      if (next === undefined) return page;
      if (stopsAt(next)) return { ...page, url: next, body: '' };
      ({ page, next } = await send('GET', next));
    }
    throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
  };

  return {
    visit: (url) => open('GET', url),
    submit: (url) => open('POST', url),
    close: () => dispatcher.close(),
  };
}
