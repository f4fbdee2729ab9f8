import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type BrowserLogin,
  type ClientOptions,
  createBrowserLogin,
  GrantRefusedError,
  type LoginSession,
} from '@crossfade/client';

/** Logs the user of this device in, in the system's browser. `openBrowser`: `open`, `xdg-open` or `start` with the URL. */
export async function logIn(
  options: ClientOptions,
  key: string,
  openBrowser: (url: URL) => unknown,
): Promise<{ readonly login: BrowserLogin; readonly session: LoginSession }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const login = createBrowserLogin({ ...options, redirectUri: `http://127.0.0.1:${port}/callback` });
    const tryOnce = () => logInOnce(login, server, key, openBrowser);
    const session = await tryOnce().catch((error: unknown) => {
      // The provider refuses target: the second login asks for legacy.
      if (error instanceof GrantRefusedError && error.fallsBack) return tryOnce();
      throw error;
    });
    return { login, session };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function logInOnce(
  login: BrowserLogin,
  server: Server,
  key: string,
  openBrowser: (url: URL) => unknown,
): Promise<LoginSession> {
  const { url, pending } = await login.start({ key });
  const callback = callbackOf(server, pending.state);
  await openBrowser(url);
  return login.finish(await callback, pending);
}

/** Waits for the callback of this login. Other programs of the device can call the port, too: they do not know its state. */
function callbackOf(server: Server, state: string): Promise<URL> {
  return new Promise((resolve) => {
    server.removeAllListeners('request').on('request', (request: IncomingMessage, response) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const isCallback = url.pathname === '/callback' && url.searchParams.get('state') === state;
      response.writeHead(isCallback ? 200 : 404, { 'content-type': 'text/plain', 'referrer-policy': 'no-referrer' });
      response.end(isCallback ? 'Go back to the application: you can close this page.' : '');
      if (isCallback) resolve(url);
    });
  });
}
