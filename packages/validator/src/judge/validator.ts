import type { AccessToken, DpopChallenge, Judgement, ObservedAcceptance, Side } from '@crossfade/core';
import { createDpopChallenges } from '../dpop/dpop-challenge.ts';
import { createDpopCheck } from '../dpop/dpop-check.ts';
import { openIntrospection } from '../introspection/open-introspection.ts';
import type { KeyStatus } from '../keys/key-status.ts';
import { openIssuerKeys } from '../keys/open-issuer-keys.ts';
import type { SideSettings } from '../policy/side-settings.ts';
import type { JudgementContext } from '../request/judgement-context.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { ValidatorOptions } from '../settings/validator-options.ts';
import { createTokenReader } from '../tokens/token-reader.ts';
import type { CacheStatus } from '../tokens/verified-cache.ts';
import type { VerifyingIssuer } from '../tokens/verify-token.ts';
import { offerSoonest } from './soonest-judge.ts';
import { createTokenJudge, positionOf } from './token-judge.ts';
import { TokenRejectedError } from './token-rejected-error.ts';

/** A side whose tokens get in at the moment, as a challenge or a metadata document names it. */
export interface OpenSide {
  readonly side: Side;
  readonly issuer: string;
  readonly requiredScope: readonly string[];
  /** What its tokens have to be bound to; absent: nothing. */
  readonly senderConstrained?: 'dpop' | 'mtls' | 'any';
}

/** Judges access tokens against two audiences. Silent, without timers; safe to share by all requests. */
export interface Validator {
  /**
   * Decides about one token. A rejection is data: it never throws for anything a caller can send.
   * @throws {@link UnavailableError} when the issuer's keys can't be had and none that is known fits, or when it can't
   * be asked about an opaque token.
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
  /** The sides whose tokens get in right now, target first. */
  openSides(): readonly OpenSide[];
  /** One entry for each side. Cheap: made for a scrape. */
  keys(): readonly KeyStatus[];
  /** What is remembered of verified tokens; `undefined` without a cache. Cheap: made for a scrape. */
  cache(): CacheStatus | undefined;
  /** What a client needs for its next DPoP proof right now; a nonce where one is asked for (RFC 9449 §9). */
  dpopChallenge(): DpopChallenge;
  /** Ends fetches that are under way, and makes no more. Judging with the keys at hand goes on. */
  close(): void;
}

/**
 * Creates a validator. It fetches nothing yet: the first token of an issuer makes it look for that issuer's keys.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * const validator = createValidator({
 *   legacy: { issuer: 'https://idp.example.com', audience: 'default-api' },
 *   target: { issuer: 'https://idp.example.com', audience: 'https://api.example.com/orders', typ: 'at+jwt' },
 *   clients: ['web-app', 'nightly-batch'],
 *   acceptance: acceptanceSwitch(flags),
 * });
 * const judgement = await validator.judge(readBearerToken(request.headers.authorization));
 */
export function createValidator(options: ValidatorOptions): Validator {
  const settings = readSettings(options);
  const { legacy, target, now } = settings;
  const dpop = createDpopCheck(settings.dpop, settings.clockToleranceSeconds, now);
  const challenges = createDpopChallenges(dpop, target === undefined ? [legacy] : [target, legacy]);
  const issuers = new Map<string, VerifyingIssuer>();
  for (const [issuer, { keys, algorithms }] of settings.issuers) {
    issuers.set(issuer, { keys: openIssuerKeys(issuer, keys, now, settings.keyRefresh), algorithms });
  }
  const introspection = openIntrospection(settings, (issuer) => issuers.get(issuer)?.keys);
  const tokens = createTokenReader(settings, issuers, introspection);

  const judging = createTokenJudge({ settings, tokens, dpop, challenges });

  function judge(token: string | undefined, context?: JudgementContext): Promise<Judgement> {
    return Promise.resolve(judging.judge(token, context));
  }
  offerSoonest(judge, judging.soonest);

  function acceptance(): ObservedAcceptance {
    return target === undefined ? 'legacy' : positionOf(settings.acceptance);
  }

  function statusOf(side: Side, { issuer }: SideSettings): readonly KeyStatus[] {
    const keys = issuers.get(issuer)?.keys;
    return keys === undefined ? [] : [{ side, ...keys.status() }];
  }

  return {
    judge,
    async validate(token, context) {
      const judgement = await judge(token, context);
      if (judgement.outcome === 'rejected') throw new TokenRejectedError(judgement);
      return judgement;
    },
    acceptance,
    openSides() {
      const open = target === undefined ? [] : [openSide('target', target)];
      return acceptance() === 'target' ? open : [...open, openSide('legacy', legacy)];
    },
    keys: () => [...statusOf('legacy', legacy), ...(target === undefined ? [] : statusOf('target', target))],
    cache: tokens.status,
    dpopChallenge: () => dpop.challenge(),
    close: () => {
      introspection?.close();
      for (const { keys } of issuers.values()) keys.close();
    },
  };
}

function openSide(side: Side, { issuer, requiredScope, senderConstrained }: SideSettings): OpenSide {
  return { side, issuer, requiredScope, ...(senderConstrained === undefined ? {} : { senderConstrained }) };
}
