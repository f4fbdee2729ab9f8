import { randomUUID } from 'node:crypto';
import type { AcceptanceSwitch, Side } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { auth, requiresAuth } from 'express-openid-connect';

export interface Settings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly publicUrl: string;
  readonly cookieSecret: string;
  readonly ordersUrl: string;
  readonly selector: Selector;
  readonly acceptance: AcceptanceSwitch;
}

/** What a login chose: in its `state`, then in the session. */
type Choice = { readonly key?: string; readonly side?: Side; readonly loginSide?: Side };
type LoginRequest = Request & { choice?: Choice; openidState?: Choice; appSession?: Choice };

const REFUSALS = ['invalid_scope', 'invalid_target', 'unauthorized_client'];

export function createApp({ selector, acceptance, ...settings }: Settings): Express {
  const app = express();

  app.use(
    auth({
      issuerBaseURL: settings.issuer,
      clientID: settings.clientId,
      clientSecret: settings.clientSecret,
      clientAuthMethod: 'client_secret_basic',
      baseURL: settings.publicUrl,
      secret: settings.cookieSecret,
      authRequired: false,
      errorOnRequiredAuth: true,
      authorizationParams: { response_type: 'code' },
      routes: { login: false },
      getLoginState: (request: LoginRequest, { returnTo }) => ({ returnTo, ...request.choice }),
      afterCallback: (_request, _response, session, { key, side }) => ({ ...session, key, side, loginSide: side }),
    }),
  );

  function login(request: LoginRequest, response: Response, forced?: Side) {
    const key = deviceOf(request, response);
    const { side, parameters } = selector.select({ key, side: forced });
    request.choice = { key, side };
    const authorizationParams = Object.fromEntries(parameterEntries(parameters));
    return response.oidc.login({ returnTo: '/', authorizationParams });
  }

  app.get('/login', (request, response) => login(request, response));

  app.get('/orders', requiresAuth(), async (request: LoginRequest, response) => {
    let token = request.oidc.accessToken;
    if (token !== undefined && token.expires_in < 60) {
      const session = request.appSession ?? {};
      const { side, parameters } = selector.selectForRefresh(session);
      // On the side of its login a refresh sends nothing: what the login was granted (RFC 6749 §6).
      token = await token.refresh({ tokenEndpointParams: side === session.loginSide ? {} : { ...parameters } });
      Object.assign(session, { side });
    }
    const orders = await fetch(settings.ordersUrl, { headers: { authorization: `Bearer ${token?.access_token}` } });
    response.status(orders.status).json(await orders.json());
  });

  // The provider refuses target: the login asks once more, for legacy.
  app.use((error: { error?: string }, request: LoginRequest, response: Response, next: NextFunction) => {
    const isRefusal = REFUSALS.includes(error.error ?? '') && request.openidState?.side === 'target';
    return isRefusal && acceptance() !== 'target' ? login(request, response, 'legacy') : next(error);
  });

  return app;
}

/** A random value that stays in the browser, so that each of its logins gets the same side. */
function deviceOf(request: Request, response: Response): string {
  const known = /(?:^|; )device=([\w-]{36})/.exec(request.headers.cookie ?? '')?.[1];
  const device = known ?? randomUUID();
  const secure = request.protocol === 'https';
  response.cookie('device', device, { httpOnly: true, sameSite: 'lax', secure, maxAge: 34_560_000_000 });
  return device;
}
