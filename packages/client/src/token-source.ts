import type { ProviderOptions } from './provider-options.ts';

export interface TokenSourceOptions extends ProviderOptions {
  readonly clientSecret: string;
  /** What the selector splits by. Default: the client id. */
  readonly key?: string;
}

/** Access tokens of a machine (client credentials). Starts no timer: a token is renewed when it is asked for. */
export interface TokenSource {
  /**
   * An access token for the side that the selector names now. Kept until shortly before it expires; calls share one
   * request; while a renewal fails for want of the provider, the old token serves as long as it is valid.
   * @throws {@link GrantRefusedError} when the provider says no.
   * @throws {@link InvalidResponseError} when its answer is not a token response.
   * @throws {@link UnavailableError} when it can't be reached and no valid token is left.
   */
  token(): Promise<string>;
}
