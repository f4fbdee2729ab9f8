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
  close(): Promise<void>;
}

export interface BrowserOptions {
  /** A redirect to a URL that matches ends the visit without a request: for tests that handle that URL themselves. */
  readonly stopsAt?: (url: URL) => boolean;
}

const MAX_REDIRECTS = 20;
const TIMEOUT_MS = 10_000;

export function createBrowser({ stopsAt = () => false }: BrowserOptions = {}): Browser {
  const jar = createCookieJar();
  const dispatcher = new Agent({ connections: 2, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  return {
    async visit(start) {
      let url = start;
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
        const cookie = jar.headerFor(url);
        const response = await request(url, { dispatcher, headers: cookie === '' ? {} : { cookie } });
        jar.store(url, [response.headers['set-cookie'] ?? []].flat());
        const body = await response.body.text();
        const location = response.headers['location'];
        if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string') {
          return { url, status: response.statusCode, body };
        }
        url = new URL(location, url);
        if (stopsAt(url)) return { url, status: response.statusCode, body: '' };
      }
      throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
    },
    close: () => dispatcher.close(),
  };
}
