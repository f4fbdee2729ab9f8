import { type AccessToken, ConfigError, type Judgement, type ObservedAcceptance } from '@crossfade/core';
import type { KeyStatus } from './key-status.ts';
import type { ValidatorOptions } from './validator-options.ts';

/** What the caller knows about the request a token came with. */
export interface JudgementContext {
  /** Scope values that this request needs, beyond what the side requires. */
  readonly scope?: readonly string[];
}

/** Judges access tokens against two audiences. Silent, without timers; safe to share by all requests. */
export interface Validator {
  /**
   * Decides about one token. A rejection is data: it never throws for anything a caller can send.
   * @throws {@link UnavailableError} when the issuer's keys can't be had and none that is known fits.
   */
  judge(token: string | undefined, context?: JudgementContext): Promise<Judgement>;
  /**
   * Like {@link Validator.judge}, for callers who prefer an exception.
   * @throws {@link TokenRejectedError} when the token is rejected.
   * @throws {@link UnavailableError} like `judge`.
   */
  validate(token: string | undefined, context?: JudgementContext): Promise<AccessToken>;
  /** Which audiences get in right now; `legacy` while there is no target side. */
  acceptance(): ObservedAcceptance;
  /** One entry for each side. Cheap: made for a scrape. */
  keys(): readonly KeyStatus[];
  /** Ends fetches that are under way. Judging with known keys goes on. */
  close(): void;
}

export function createValidator(options: ValidatorOptions): Validator {
  throw new ConfigError('validator', [{ path: '', message: `is being built (${Object.keys(options).length})` }]);
}
