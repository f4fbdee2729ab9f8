import type { RejectedJudgement } from '@crossfade/core';
import type { Introspection } from '../introspection/introspection.ts';
import type { IntrospectedToken } from '../introspection/introspection-cache.ts';
import { deepFreeze } from '../jwt/deep-freeze.ts';
import { standingOf } from '../policy/policy-evaluation.ts';
import type { TokenScheme } from '../request/judgement-context.ts';
import { type PresentedToken, tokenText } from '../request/presented-token.ts';
import type { ValidatorSettings } from '../settings/validator-settings.ts';
import { createSharedValues } from './intern-pool.ts';
import { isOpaqueToken } from './opaque-token.ts';
import { type CacheStatus, createVerifiedCache } from './verified-cache.ts';
import type { KnownToken, RememberedToken } from './verified-token.ts';
import { type VerifyingIssuer, verifyToken } from './verify-token.ts';

/** What a token turned out to say, or why nobody vouches for it. */
export type TokenReading = KnownToken | IntrospectedToken | RejectedJudgement;

/** Establishes the facts of tokens, and remembers them. */
export interface TokenReader {
  /**
   * What is remembered of the token in a text, while the keys that verified it are still the issuer's. Never waits.
   * @param scheme - what the text has to name before its token; `undefined`: nothing.
   */
  recall(text: string, scheme: TokenScheme | undefined, nowMs: number): RememberedToken | undefined;
  /** Like `recall`, for a token that may have come in another text than now. */
  recallToken(presented: PresentedToken, nowMs: number): RememberedToken | undefined;
  /**
   * Finds out about a token, once for all who ask at the same time. A token that is refused is not remembered: the
   * keys of the next moment may know it.
   * @throws `UnavailableError` when an issuer that might vouch for it can't be asked.
   */
  read(presented: PresentedToken): Promise<TokenReading>;
  status(): CacheStatus | undefined;
}

export function createTokenReader(
  settings: ValidatorSettings,
  issuers: ReadonlyMap<unknown, VerifyingIssuer>,
  introspection: Introspection | undefined,
): TokenReader {
  const cache = settings.cache === false ? undefined : createVerifiedCache(settings.cache);
  const share = createSharedValues();
  const underWay = new Map<string, Promise<TokenReading>>();

  async function verify(token: string, presented: PresentedToken): Promise<TokenReading> {
    const verified = await verifyToken(token, issuers, settings.maxTokenBytes);
    if ('outcome' in verified) {
      const isAsked = introspection !== undefined && verified.reason === 'malformed_token' && isOpaqueToken(token);
      return isAsked ? introspection.read(token) : verified;
    }
    const { facts, keys, keySet } = verified;
    const standing = standingOf(facts, settings);
    const { clientId, scope } = facts;
    if (cache === undefined) return { ...deepFreeze(facts), group: { clientId, scope, keys, keySet, standing } };
    const known = share(presented, verified, standing);
    cache.add(known, settings.now() / 1000);
    return known;
  }

  async function verifyOnce(token: string, presented: PresentedToken): Promise<TokenReading> {
    try {
      return await verify(token, presented);
    } finally {
      underWay.delete(token);
    }
  }

  return {
    recall: (text, scheme, nowMs) => whileCurrent(cache?.get(text, scheme), nowMs),
    recallToken: (presented, nowMs) => whileCurrent(cache?.find(presented), nowMs),
    read(presented) {
      const token = tokenText(presented);
      // Its length is all there is to say, and all of it would have to be hashed.
      if (token.length > settings.maxTokenBytes) return verify(token, presented);
      const known = underWay.get(token);
      if (known !== undefined) return known;
      const reading = verifyOnce(token, presented);
      underWay.set(token, reading);
      return reading;
    },
    status: () => cache?.status(),
  };
}

function whileCurrent(known: RememberedToken | undefined, nowMs: number): RememberedToken | undefined {
  return known?.group.keys.isCurrent(known.group.keySet, nowMs) === true ? known : undefined;
}
