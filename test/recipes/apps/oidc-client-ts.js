import { createRemoteSource } from '@crossfade/flags/remote';
import { createSelector } from '@crossfade/selector';
import { InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts';

const REFUSALS = ['invalid_scope', 'invalid_target', 'unauthorized_client'];

export function createLogin({ issuer, clientId, redirectUri, issuanceUrl, legacy, target, salt, refresh = 'keep' }) {
  const remote = createRemoteSource({ url: issuanceUrl, storage: localStorage });
  const selector = createSelector({ legacy, target, salt, refresh, issuance: remote.issuance });
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: redirectUri,
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    automaticSilentRenew: false,
  });

  let session;

  async function login(forced) {
    await remote.ready();
    const key = deviceOf();
    const { side, parameters } = selector.select({ key, side: forced });
    const { scope, resource, ...extraQueryParams } = parameters;
    const state = { key, side, loginSide: side };
    await manager.signinRedirect({ scope, resource, extraQueryParams, state, nonce: crypto.randomUUID() });
  }

  /** Finishes the login on the page of the redirect URI. Returns the user, or undefined on the way to a second login. */
  async function finish() {
    try {
      const user = await manager.signinRedirectCallback();
      session = user.state;
      return user;
    } catch (error) {
      // The provider refuses target: the login asks once more, for legacy.
      if (!REFUSALS.includes(error.error) || error.state?.side !== 'target') throw error;
      await login('legacy');
    }
  }

  /** Gets a new access token. oidc-client-ts would do so without asking the selector. */
  async function renew() {
    const { side, parameters } = selector.selectForRefresh(session);
    // On the side of its login a refresh sends nothing new: what the login was granted (RFC 6749 §6).
    const extraTokenParams = side === session.loginSide ? {} : { ...parameters };
    const user = await manager.signinSilent({ extraTokenParams });
    session = { ...session, side };
    return user;
  }

  manager.events.addAccessTokenExpiring(() => void renew());
  return { login, finish, renew, remote };
}

/** A random value that stays in the browser, so that each of its logins gets the same side. */
function deviceOf() {
  const device = localStorage.getItem('device') ?? crypto.randomUUID();
  localStorage.setItem('device', device);
  return device;
}
