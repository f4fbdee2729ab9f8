import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UNREACHABLE } from '../environment/load-balancer.ts';
import { type Browser, createBrowser } from './browser.ts';
import type { Random } from './random.ts';
import { readOrders } from './read-orders.ts';
import type { Client } from './traffic.ts';

export interface BrowserClientOptions {
  readonly user: string;
  readonly webApp: URL;
  /** The path of the orders: a page that the web application renders, or its proxy to the API, which a script calls. */
  readonly orders: '/orders' | '/api/orders';
  /** After how many requests the user signs out. */
  readonly requestsPerVisit: { readonly fewest: number; readonly most: number } | 'never';
  readonly random: Random;
}

const loginRequiredSchema = z.object({ code: z.literal('login_required') });

/**
 * Creates a user with a browser. Opening the orders leads through a login when the session is new or has ended: by a redirect
 * of the page, or because the script is told so.
 */
export function createBrowserClient(options: BrowserClientOptions): Client {
  const { user, webApp, requestsPerVisit, random } = options;
  // The selector's key, so that the same seed puts the same user on the same side.
  const device = createHash('sha256').update(user).digest('base64url').slice(0, 22);
  const browser: Browser = createBrowser({ cookie: { url: webApp, name: 'crossfade-device', value: device } });
  const length = (): number =>
    requestsPerVisit === 'never'
      ? Number.POSITIVE_INFINITY
      : random.integer(requestsPerVisit.fewest, requestsPerVisit.most);
  const orders = new URL(options.orders, webApp);
  const login = new URL(`/auth/login?${new URLSearchParams({ login_hint: user, returnTo: '/orders' })}`, webApp);
  let isFirst = true;
  let left = length();

  const openOrders = async () => {
    const page = await browser.visit(isFirst ? login : orders);
    isFirst = false;
    return page.status === 401 && saysLoginRequired(page.body) ? browser.visit(login) : page;
  };

  return {
    async request() {
      try {
        if (left === 0) {
          await browser.submit(new URL('/auth/logout', webApp));
          left = length();
        }
        const page = await openOrders();
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

/** Whether the web application says that there is no session; the API says so of no token. */
function saysLoginRequired(body: string): boolean {
  try {
    return loginRequiredSchema.safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
