import { UNREACHABLE } from '../environment/web-app.ts';
import { type Browser, createBrowser } from './browser.ts';
import type { Random } from './random.ts';
import { readOrders } from './read-orders.ts';
import type { Client } from './traffic.ts';

export interface BrowserClientOptions {
  readonly user: string;
  readonly webApp: URL;
  /** After how many requests the user signs out. */
  readonly requestsPerVisit: { readonly fewest: number; readonly most: number } | 'never';
  readonly random: Random;
}

/**
 * Creates a user with a browser. Opening the orders leads through a login when the session is new or has ended; the
 * redirects are the web application's and the identity provider's.
 */
export function createBrowserClient({ user, webApp, requestsPerVisit, random }: BrowserClientOptions): Client {
  const browser: Browser = createBrowser();
  const length = (): number =>
    requestsPerVisit === 'never'
      ? Number.POSITIVE_INFINITY
      : random.integer(requestsPerVisit.fewest, requestsPerVisit.most);
  const firstPage = new URL(`/login?user=${encodeURIComponent(user)}`, webApp);
  const orders = new URL('/orders', webApp);
  let isFirst = true;
  let left = length();
  return {
    async request() {
      try {
        if (left === 0) {
          await browser.visit(new URL('/logout', webApp));
          left = length();
        }
        const page = await browser.visit(isFirst ? firstPage : orders);
        isFirst = false;
        left -= 1;
        if (page.body === UNREACHABLE)
          return { outcome: 'unavailable', because: 'the web application could not reach the API' };
        return readOrders(page);
      } catch (error) {
        return { outcome: 'unavailable', because: `a browser got no response: ${describe(error)}` };
      }
    },
    close: () => browser.close(),
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
