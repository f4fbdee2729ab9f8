import type { RejectedJudgement } from '@crossfade/core';
import type { ExchangedToken } from '../exchange/exchanged-tokens.ts';
import type { Introspection } from '../introspection/introspection.ts';
import type { IntrospectedToken } from '../introspection/introspection-cache.ts';
import { deepFreeze } from '../jwt/deep-freeze.ts';
import { evaluatePolicy } from '../policy/policy-evaluation.ts';
import type { TokenScheme } from '../request/judgement-context.ts';
import { type PresentedToken, tokenText } from '../request/presented-token.ts';
import type { ValidatorSettings } from '../settings/validator-settings.ts';
import { createInternPool } from './intern-pool.ts';
import { isOpaqueToken } from './opaque-token.ts';
import { type CacheStatus, createVerifiedCache } from './verified-cache.ts';
import type { KnownToken, RememberedToken } from './verified-token.ts';
import { type VerifyingIssuer, verifyToken } from './verify-token.ts';

/** The facts of a token, or why it cannot be verified. */
export type TokenReading = KnownToken | IntrospectedToken | ExchangedToken | RejectedJudgement;

/** Verifies tokens, or asks their issuer about them, and remembers the facts. */
export interface TokenReader {
  /**
   * Finds a remembered token by the text that it came in, while the keys that verified it are still the issuer's.
   * @param scheme - the scheme that the text has to name; `undefined` for a token alone.
   */
  recall(text: string, scheme: TokenScheme | undefined, nowMs: number): RememberedToken | undefined;
  /** Like `recall`, for a token that may have come in another text before. */
  recallToken(presented: PresentedToken, nowMs: number): RememberedToken | undefined;
  /**
   * Reads a token, once for all concurrent requests that bring it. A rejected token is not remembered: the issuer's next
   * keys may verify it.
   * @throws `UnavailableError` when an issuer's keys or its introspection endpoint cannot be reached.
   */
  read(presented: PresentedToken): Promise<TokenReading>;
  status(): CacheStatus | undefined;
}

export function createTokenReader(
  settings: ValidatorSettings,
  issuers: ReadonlyMap<unknown, VerifyingIssuer>,
  introspection: Pick<Introspection, 'read'> | undefined,
): TokenReader {
  const cache = settings.cache === false ? undefined : createVerifiedCache(settings.cache);
  const intern = createInternPool();
  const underWay = new Map<string, Promise<TokenReading>>();

  async function verify(token: string, presented: PresentedToken): Promise<TokenReading> {
    const verified = await verifyToken(token, issuers, settings);
    if ('outcome' in verified) {
      const isIntrospected =
        introspection !== undefined && verified.reason === 'malformed_token' && isOpaqueToken(token);
      return isIntrospected ? introspection.read(token) : verified;
    }
    const { facts, keys, keySet } = verified;
    const evaluation = evaluatePolicy(facts, settings);
    const { clientId, scope } = facts;
    if (cache === undefined) return { ...deepFreeze(facts), shared: { clientId, scope, keys, keySet, evaluation } };
    const known = intern(presented, verified, evaluation);
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
      // Rejected by its length alone, so it is not worth hashing as a key.
      if (token.length > settings.maxTokenBytes) return verify(token, presented);
      const current = underWay.get(token);
      if (current !== undefined) return current;
      const reading = verifyOnce(token, presented);
      underWay.set(token, reading);
      return reading;
    },
    status: () => cache?.status(),
  };
}

function whileCurrent(known: RememberedToken | undefined, nowMs: number): RememberedToken | undefined {
  return known?.shared.keys.isCurrent(known.shared.keySet, nowMs) === true ? known : undefined;
}
