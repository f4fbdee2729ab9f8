import type { LoginOutcome, MintedSide, RefreshOutcome, SelectionReason, Side } from '@crossfade/core';

/** What a token is requested for. */
export type TokenUse = 'login' | 'refresh' | 'machine';

/** What happened in a client. Never contains a token, a code, a claim or a text of the provider. */
export type ClientEvent =
  /** The selector was asked. */
  | {
      readonly type: 'selection';
      readonly use: TokenUse;
      readonly side: Side;
      readonly reason: SelectionReason;
      readonly revision: string | null;
      /** Of combined selectors: each migration's, by its salt. */
      readonly parts?: Readonly<Record<string, { readonly side: Side; readonly reason: SelectionReason }>>;
    }
  /** An access token was issued: the side that the selector chose, and the one that the token response shows. */
  | {
      readonly type: 'mint';
      readonly use: TokenUse;
      readonly asked: Side;
      readonly minted: MintedSide;
      readonly revision: string | null;
      /** Of combined selectors: each migration's, by its salt. */
      readonly parts?: Readonly<Record<string, { readonly asked: Side; readonly minted: MintedSide }>>;
    }
  /** The provider refuses the target side: legacy is requested until the flag has another revision. */
  | {
      readonly type: 'fell_back';
      readonly use: TokenUse;
      /** The OAuth error code, such as `invalid_target`. */
      readonly error: string;
      readonly revision: string | null;
    }
  /**
   * `side` is what was asked for; absent of a callback without a login that is known here. `check` names the check that failed,
   * of an outcome `invalid`; `error` is the OAuth error code, of `refused` and `declined`.
   */
  | {
      readonly type: 'login';
      readonly outcome: LoginOutcome;
      readonly side?: Side;
      readonly check?: string;
      readonly error?: string;
    }
  | { readonly type: 'refresh'; readonly outcome: RefreshOutcome }
  /** A refresh token that had been rotated was refused: it was used twice, by a race or by a thief. */
  | { readonly type: 'refresh_reuse' }
  | { readonly type: 'logout'; readonly by: 'user' | 'provider' }
  /**
   * A backend for browsers did not do what a request asked for. `origin`: it changes state and comes from another site.
   * `return_to`: a login link leads out of the application, and now leads to its start. `login_loop`: a browser was sent to log
   * in too often within a minute. `logout_token`: a back-channel logout proves nothing.
   */
  | { readonly type: 'request_refused'; readonly check: 'origin' | 'return_to' | 'login_loop' | 'logout_token' }
  /** A function of the application, or a defect, threw: the error's name, and its stack. The message is there of our own errors only. */
  | {
      readonly type: 'unexpected_error';
      readonly name: string;
      readonly message?: string;
      readonly stack: readonly string[];
    };

/** Called synchronously for each event. What it throws is ignored. */
export type OnClientEvent = (event: ClientEvent) => void;

/** Returns a function that passes events on and never throws: a listener must not fail a login. */
export function eventSink(onEvent: OnClientEvent | undefined): OnClientEvent {
  if (onEvent === undefined) return () => {};
  return (event) => {
    try {
      // An async listener that rejects would end the process.
      void Promise.resolve(onEvent(event)).catch(() => {});
    } catch {
      // The listener's own problem.
    }
  };
}
