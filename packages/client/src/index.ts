export type {
  BrowserLogin,
  BrowserLoginOptions,
  LoginRequest,
  LoginSession,
  PendingLogin,
} from './browser-login.ts';
export { createBrowserLogin } from './create-browser-login.ts';
export { createTokenSource, type TokenSource, type TokenSourceOptions } from './create-token-source.ts';
export { GrantRefusedError, InvalidResponseError, LoginRequiredError } from './errors.ts';
export type { ProviderOptions } from './provider-options.ts';
