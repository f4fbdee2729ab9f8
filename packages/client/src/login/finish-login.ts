import type { AcceptanceSwitch, Clock } from '@crossfade/core';
import { parameterEntries, type Selector } from '@crossfade/selector';
import { authorizationCodeGrant, type IDToken } from 'openid-client';
import { GrantRefusedError, InvalidResponseError } from '../provider/errors.ts';
import type { Provider, Providers } from '../provider/provider.ts';
import { prepareKeys, verifySignature } from '../provider/verify-jwt.ts';
import { requestSides } from '../tokens/selected-sides.ts';
import type { SideChooser } from '../tokens/side-chooser.ts';
import { isSideRefusal } from '../tokens/side-refusal.ts';
import type { LoginSession, PendingLogin } from './browser-login.ts';
import { boundTo } from './dpop-binding.ts';
import { loginSession } from './login-session.ts';

/** What finishing a login needs. */
export interface LoginContext {
  readonly providers: Providers;
  readonly redirectUri: string;
  readonly selector: Selector;
  readonly acceptance: AcceptanceSwitch;
  readonly chooser: SideChooser;
  readonly now: Clock;
}

const WHAT = 'the login';
/** How far the clocks of the provider and this host may differ; as openid-client has it. */
const TOLERANCE_SECONDS = 30;

/** Redeems a callback. Throws as `BrowserLogin.finish`. */
export async function finishLogin(
  callbackUrl: URL,
  pending: PendingLogin,
  context: LoginContext,
): Promise<LoginSession> {
  const provider = askedProvider(callbackUrl, pending, context.providers);
  try {
    return await redeem(callbackUrl, pending, provider, context);
  } catch (error) {
    throw error instanceof GrantRefusedError ? withFallback(error, pending, context) : error;
  }
}

/**
 * The provider that the login was started at. Refuses a callback that names another one, so that no code is sent to a provider
 * that did not issue it.
 * @see RFC 9207 §2.4
 */
function askedProvider({ searchParams }: URL, { issuer, asked }: PendingLogin, providers: Providers): Provider {
  const provider = providers.at(issuer, asked.side);
  const isNamed = searchParams.getAll('iss').every((named) => providers.at(named, asked.side) === provider);
  if (provider === undefined || !isNamed) throw new InvalidResponseError(WHAT, 'iss');
  return provider;
}

async function redeem(
  callbackUrl: URL,
  pending: PendingLogin,
  provider: Provider,
  { redirectUri, providers, selector, now }: LoginContext,
): Promise<LoginSession> {
  const { issuer, selection, asked, parameters, state, nonce, codeVerifier, dpopKey } = pending;
  const { resource } = parameters;
  const request = {
    asked,
    scope: parameters.scope,
    revision: selection.revision,
    atMs: now(),
    isSideOfProvider: providers.all.length > 1,
  };
  const callback = new URL(redirectUri);
  callback.search = callbackUrl.search;
  const checks = {
    expectedState: state,
    pkceCodeVerifier: codeVerifier,
    ...(nonce !== undefined && { expectedNonce: nonce }),
  };
  return provider.request(WHAT, async (_, discovered) => {
    const binding = await boundTo(dpopKey, discovered.unverified);
    // A code is for one use: while the keys cannot be fetched, the callback can be repeated.
    if (nonce !== undefined && callback.searchParams.get('state') === state) await prepareKeys(discovered);
    const response = await authorizationCodeGrant(
      discovered.unverified,
      callback,
      checks,
      new URLSearchParams(resource === undefined ? [] : parameterEntries({ resource })),
      binding.options,
    );
    binding.check(response, WHAT);
    checkAuthTime(response.claims(), pending);
    if (response.id_token !== undefined) await verifySignature(response.id_token, discovered);
    // A session is refreshed as its login was granted: as legacy where that fell back.
    const previous = { issuer, selection: { ...selection, ...asked }, ...(dpopKey && { dpopKey }) };
    return loginSession(response, request, previous, selector);
  });
}

/**
 * Holds `max_age` against the time of the request, not of the callback: a user may take their time to consent.
 * @see OIDC Core §3.1.3.7, 12
 */
function checkAuthTime(claims: IDToken | undefined, { request: { maxAge }, startedAt }: PendingLogin): void {
  if (maxAge === undefined) return;
  const authTime = claims?.auth_time;
  if (authTime === undefined || authTime + maxAge + TOLERANCE_SECONDS < startedAt) {
    throw new InvalidResponseError(WHAT, 'auth_time');
  }
}

/** Notes that the provider refuses target, and says whether the next login asks for legacy. */
function withFallback(
  refusal: GrantRefusedError,
  { selection, asked }: PendingLogin,
  { chooser, selector, acceptance }: LoginContext,
): GrantRefusedError {
  const chosen = {
    selection: selector.select(requestSides(asked, selector)),
    asked: selection.side,
    reason: selection.reason,
    revision: selection.revision,
  };
  const fallsBack = chooser.refused(chosen, 'login', refusal);
  const isLegacyClosed = asked.side === 'target' && isSideRefusal(refusal) && acceptance() === 'target';
  return new GrantRefusedError(WHAT, refusal.error, { endpoint: refusal.endpoint, fallsBack, isLegacyClosed });
}
