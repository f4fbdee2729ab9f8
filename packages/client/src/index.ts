export type {
  BrowserLogin,
  BrowserLoginOptions,
  LoginRequest,
  LoginSession,
  PendingLogin,
} from './browser-login.ts';
export { createBrowserLogin } from './create-browser-login.ts';
export { createTokenSource } from './create-token-source.ts';
export { GrantRefusedError } from './grant-refused-error.ts';
export { InvalidResponseError } from './invalid-response-error.ts';
export { LoginRequiredError } from './login-required-error.ts';
export type { ProviderOptions } from './provider-options.ts';
export type { TokenSource, TokenSourceOptions } from './token-source.ts';
