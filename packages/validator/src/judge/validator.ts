import {
  type AcceptedJudgement,
  type AccessToken,
  ConfigError,
  type DpopChallenge,
  type Judgement,
  type ObservedAcceptance,
  rejectAccepted,
  SIDES,
  type Side,
} from '@crossfade/core';
import { createDpopChallenges } from '../dpop/dpop-challenge.ts';
import { createDpopCheck } from '../dpop/dpop-check.ts';
import { createExchangedTokens } from '../exchange/exchanged-tokens.ts';
import { openIntrospection } from '../introspection/open-introspection.ts';
import type { KeyStatus } from '../keys/issuer-keys.ts';
import { openIssuerKeys } from '../keys/open-issuer-keys.ts';
import type { SideSettings } from '../policy/side-settings.ts';
import type { JudgementContext, RequestProof, TokenScheme } from '../request/judgement-context.ts';
import { createRevocationCheck } from '../revocation/revocation-check.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { ValidatorOptions } from '../settings/validator-options.ts';
import { createTokenReader } from '../tokens/token-reader.ts';
import type { CacheStatus } from '../tokens/verified-cache.ts';
import { type VerifyingIssuer, verifyToken } from '../tokens/verify-token.ts';
import { type BrownoutStatus, openBrownoutCheck } from './brownout.ts';
import { givenProof, judgeThrough, type ReadProof } from './judge-through.ts';
import { missingKeys } from './missing-keys.ts';
import { createTokenJudge, readAcceptance } from './token-judge.ts';
import { TokenRejectedError } from './token-rejected-error.ts';

/** A side whose tokens are accepted at the moment, as a challenge or a metadata document names it. */
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
   * Decides about one token. A rejection is data: nothing that a caller can send makes it throw.
   * @throws {@link UnavailableError} when the issuer's keys cannot be fetched and no known key fits, when the issuer of
   * an opaque token cannot be asked, or when `isRevoked` cannot tell.
   */
  judge(token: string | undefined, context?: JudgementContext): Promise<Judgement>;
  /**
   * Judges the token in an `Authorization` header: at once where it is remembered and needs no DPoP proof, as with
   * nearly every request, else with a promise.
   *
   * Call it as a method. On an object that wraps a validator and has a `judge` of its own, it judges through that one.
   *
   * @param authorization - the header; all of its values where a request has several.
   * @param proof - what the request shows besides its token, for tokens that are bound to a key of their sender.
   * @throws {@link UnavailableError} like `judge`, by rejecting the promise.
   * @throws `TypeError` when it is called without its validator.
   */
  judgeHeader(
    this: Pick<Validator, 'judge'>,
    authorization: string | readonly string[] | undefined,
    proof?: RequestProof,
  ): Judgement | Promise<Judgement>;
  /**
   * Like the other form, but reads the proof only where it may be needed.
   * @param request - handed to `readProof`.
   * @param readProof - reads what the request shows besides its token.
   */
  judgeHeader<R>(
    this: Pick<Validator, 'judge'>,
    authorization: string | readonly string[] | undefined,
    request: R,
    readProof: (request: R, scheme: TokenScheme) => RequestProof | undefined,
  ): Judgement | Promise<Judgement>;
  /**
   * Like {@link Validator.judge}, for callers that prefer an exception.
   * @throws {@link TokenRejectedError} when the token is rejected.
   * @throws {@link UnavailableError} like `judge`.
   */
  validate(token: string | undefined, context?: JudgementContext): Promise<AccessToken>;
  /**
   * Asks the issuer whether a token that was accepted is still active (RFC 7662), JWTs included, and caches nothing: for
   * requests that a token must not make once it was revoked. Routes with `introspect: 'always'` do so.
   * @param judgement - of this token.
   * @returns `judgement` while the token is active, else its rejection with `revoked`.
   * @throws {@link UnavailableError} when the issuer cannot be asked.
   * @throws {@link ConfigError} when the token's side has no `introspection`.
   */
  introspect(token: string, judgement: AcceptedJudgement): Promise<Judgement>;
  /** Which sides have `introspection`. One entry for each side. */
  introspection(): readonly { readonly side: Side; readonly isConfigured: boolean }[];
  /**
   * The JWT that an opaque token was exchanged for: what an API behind a gateway should get in its place. `undefined` for
   * every other token.
   * @param judgement - the object that `judge` or `judgeHeader` returned.
   */
  upstreamToken(judgement: Judgement): string | undefined;
  /** Which audiences are accepted right now; `legacy` while there is no target side. */
  acceptance(): ObservedAcceptance;
  /** The brownout that is under way; `null` for none. Cheap enough for every scrape. */
  brownout(): BrownoutStatus | null;
  /** The sides whose tokens are accepted right now, target first. */
  openSides(): readonly OpenSide[];
  /** One entry for each side. Cheap enough for every scrape. */
  keys(): readonly KeyStatus[];
  /**
   * Reads the keys of every issuer from the key store, or fetches them, so that no token has to wait for them. Not needed:
   * the first token of an issuer does the same. Resolves when each issuer has been asked; `keys` says what is missing.
   */
  loadKeys(): Promise<void>;
  /** What is remembered of verified tokens; `undefined` without a cache. Cheap enough for every scrape. */
  cache(): CacheStatus | undefined;
  /** What a client needs for its next DPoP proof right now, with a nonce where one is demanded (RFC 9449 §9). */
  dpopChallenge(): DpopChallenge;
  /** Aborts fetches that are under way and starts no more. Judging with the keys at hand goes on. */
  close(): void;
}

/**
 * Creates a validator. It fetches nothing yet: the first token of an issuer triggers the fetch of that issuer's keys.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * const validator = createValidator({
 *   legacy: { issuer: 'https://idp.example.com', audience: 'default-api' },
 *   target: { issuer: 'https://idp.example.com', audience: 'https://api.example.com/orders', typ: 'at+jwt' },
 *   clients: ['web-app', 'nightly-batch'],
 *   acceptance: acceptanceSwitch(flags),
 * });
 * const judgement = await validator.judgeHeader(request.headers.authorization);
 */
export function createValidator(options: ValidatorOptions): Validator {
  const settings = readSettings(options);
  const { legacy, target, now } = settings;
  const dpop = createDpopCheck(settings.dpop, now);
  const challenges = createDpopChallenges(dpop, target === undefined ? [legacy] : [target, legacy]);
  const issuers = new Map<string, VerifyingIssuer>();
  for (const { names, keys: source, algorithms } of settings.issuers) {
    const issuer = { keys: openIssuerKeys(names, source, now, settings.keyRefresh), algorithms };
    for (const name of names) issuers.set(name, issuer);
  }
  const introspection = openIntrospection(settings, (issuer) => issuers.get(issuer)?.keys);
  const verify = (jwt: string) => verifyToken(jwt, issuers, settings);
  const exchanged =
    settings.exchange &&
    createExchangedTokens({ exchange: settings.exchange, verify, policy: settings, cache: settings.cache, now });
  const revocation = settings.isRevoked === undefined ? undefined : createRevocationCheck(settings.isRevoked);
  const tokens = createTokenReader(settings, issuers, exchanged ?? introspection);

  const brownout = openBrownoutCheck(settings);
  const tokenJudge = createTokenJudge({ settings, tokens, dpop, challenges, revocation, brownout });

  function judge(token: string | undefined, context?: JudgementContext): Promise<Judgement> {
    return Promise.resolve(tokenJudge.judge(token, context));
  }

  function judgeHeader<R>(
    this: Pick<Validator, 'judge'> | undefined,
    authorization: string | readonly string[] | undefined,
    request?: R,
    readProof = givenProof as ReadProof<R | undefined>,
  ): Judgement | Promise<Judgement> {
    // A `Headers` object says `null` of a header that is not there.
    const header = authorization ?? undefined;
    if (this?.judge === judge) return tokenJudge.judgeHeader(header, request, readProof);
    if (typeof this?.judge !== 'function')
      throw new TypeError('judgeHeader needs its validator: call validator.judgeHeader(...)');
    return judgeThrough(this, header, request, readProof);
  }

  function acceptance(): ObservedAcceptance {
    return target === undefined ? 'legacy' : readAcceptance(settings.acceptance);
  }

  function statusOf(side: Side, { issuer }: SideSettings): readonly KeyStatus[] {
    const keys = issuers.get(issuer)?.keys;
    if (keys === undefined) return [];
    const missing = missingKeys(side, { issuer }, keys, settings);
    return [{ side, ...keys.status(), ...(missing !== undefined && { missing }) }];
  }

  return {
    judge,
    judgeHeader,
    async validate(token, context) {
      const judgement = await judge(token, context);
      if (judgement.outcome === 'rejected') throw new TokenRejectedError(judgement);
      return judgement;
    },
    async introspect(token, judgement) {
      const side = sideOf(judgement);
      if (introspection?.has(side) !== true) throw noIntrospection(side);
      const isActive = await introspection.isActive(token, side);
      return isActive ? judgement : rejectAccepted(judgement, { reason: 'revoked' });
    },
    introspection: () =>
      (target === undefined ? (['legacy'] as const) : SIDES).map((side) => ({
        side,
        isConfigured: introspection?.has(side) === true,
      })),
    upstreamToken: tokenJudge.upstreamToken,
    acceptance,
    brownout: () => brownout?.status(now()) ?? null,
    openSides() {
      const open = target === undefined ? [] : [openSide('target', target)];
      return acceptance() === 'target' ? open : [...open, openSide('legacy', legacy)];
    },
    keys: () => [...statusOf('legacy', legacy), ...(target === undefined ? [] : statusOf('target', target))],
    async loadKeys() {
      await Promise.allSettled([...new Set(issuers.values())].map(async ({ keys }) => keys.current()));
    },
    cache: tokens.status,
    dpopChallenge: () => dpop.challenge(),
    close: () => {
      introspection?.close();
      exchanged?.close();
      for (const { keys } of new Set(issuers.values())) keys.close();
    },
  };
}

/** The side by whose rules a token was accepted. */
function sideOf({ audience, afterClose }: AcceptedJudgement): Side {
  if (audience !== 'bridge') return audience;
  return afterClose === 'accepted' ? 'target' : 'legacy';
}

function noIntrospection(side: Side): ConfigError {
  const message = 'is required: without it the issuer cannot be asked whether a token is active';
  return new ConfigError('validator', [{ path: `${side}.introspection`, message }]);
}

function openSide(side: Side, { issuer, requiredScope, senderConstrained }: SideSettings): OpenSide {
  return { side, issuer, requiredScope, ...(senderConstrained === undefined ? {} : { senderConstrained }) };
}
