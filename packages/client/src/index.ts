export type { Bff, BffOptions, BffUser } from './bff/bff.ts';
export { createBff } from './bff/create-bff.ts';
export type { BffPage } from './bff/pages/page.ts';
export type { ClientEvent, OnClientEvent, TokenUse } from './events/client-event.ts';
export type {
  BrowserLogin,
  BrowserLoginOptions,
  LoginRequest,
  LoginSession,
  LogoutRequest,
  LogoutToken,
  PendingLogin,
  SessionSelection,
  SessionToken,
  UserInfo,
} from './login/browser-login.ts';
export { createBrowserLogin } from './login/create-browser-login.ts';
export { createTokenSource } from './machine/create-token-source.ts';
export type { TokenSource, TokenSourceOptions } from './machine/token-source.ts';
export type { AssertionAudience, ClientKey } from './provider/client-assertion.ts';
export type { ClientAuthentication, ClientAuthenticationOptions } from './provider/client-authentication.ts';
export type { ClientOptions, CommonClientOptions, ProviderChoice } from './provider/client-options.ts';
export { GrantRefusedError, InvalidResponseError, LoginRequiredError, type ResponseCheck } from './provider/errors.ts';
export type { ProviderOptions } from './provider/provider-options.ts';
export { createMemorySessionStore, type MemorySessionStoreOptions } from './session/memory-session-store.ts';
export type { ReleaseLock, SessionStore, StoredSession } from './session/session-store.ts';
