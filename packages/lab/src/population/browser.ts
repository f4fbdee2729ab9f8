import { Agent, request } from 'undici';
import { createCookieJar } from './cookie-jar.ts';

interface Page {
  /** Where the redirects ended. */
  readonly url: URL;
  readonly status: number;
  readonly body: string;
}

/** As much of a browser as a login needs: cookies and redirects, no scripts. */
export interface Browser {
  /** Opens a page and follows its redirects. Rejects when a server can't be reached or never stops redirecting. */
  visit(url: URL): Promise<Page>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  /** A redirect to such a URL is where the visit ends, unvisited: for those who play the server there themselves. */
  readonly stopsAt?: (url: URL) => boolean;
}

const MOST_REDIRECTS = 20;
const PATIENCE_MS = 10_000;

export function createBrowser({ stopsAt = () => false }: BrowserOptions = {}): Browser {
  const jar = createCookieJar();
  const dispatcher = new Agent({ connections: 2, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS });
  return {
    async visit(start) {
      let url = start;
      for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
        const cookie = jar.headerFor(url);
        const response = await request(url, { dispatcher, headers: cookie === '' ? {} : { cookie } });
        jar.take(url, [response.headers['set-cookie'] ?? []].flat());
        const body = await response.body.text();
        const location = response.headers['location'];
        if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string') {
          return { url, status: response.statusCode, body };
        }
        url = new URL(location, url);
        if (stopsAt(url)) return { url, status: response.statusCode, body: '' };
      }
      throw new Error('too many redirects');
    },
    close: () => dispatcher.close(),
  };
}
