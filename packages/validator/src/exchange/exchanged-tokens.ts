import { type Clock, type RejectedJudgement, UnavailableError } from '@crossfade/core';
import type { Introspection } from '../introspection/introspection.ts';
import {
  createIntrospectionCache,
  type IntrospectedToken,
  type IntrospectionCacheLimits,
} from '../introspection/introspection-cache.ts';
import { readCompactJws } from '../jwt/compact-jws.ts';
import { deepFreeze } from '../jwt/deep-freeze.ts';
import type { TokenFacts } from '../jwt/token-facts.ts';
import type { IssuerKeys } from '../keys/issuer-keys.ts';
import type { KeySet } from '../keys/key-set.ts';
import { evaluatePolicy } from '../policy/policy-evaluation.ts';
import type { Policy } from '../policy/side-settings.ts';
import type { TokenExchange } from './token-exchange.ts';

/** A JWT that a configured issuer signed. */
interface VerifiedJwt {
  readonly facts: TokenFacts;
  readonly keys: IssuerKeys;
  readonly keySet: KeySet;
}

/** An opaque token, by the facts of the JWT that it was exchanged for. */
export interface ExchangedToken extends IntrospectedToken {
  readonly jwt: string;
  /** Whether the keys that verified the JWT are still its issuer's. */
  isCurrent(nowMs: number): boolean;
}

interface ExchangedTokensOptions {
  readonly exchange: TokenExchange;
  /** Verifies that a configured issuer signed a JWT. */
  readonly verify: (jwt: string) => Promise<VerifiedJwt | RejectedJudgement>;
  readonly policy: Policy;
  readonly cache: IntrospectionCacheLimits | false;
  readonly now: Clock;
}

const MAX_AGE_SECONDS = 30;
/** A response about a token (RFC 9701 §5) is no access token: what it says is nested in it. */
const INTROSPECTION_RESPONSE = /^(application\/)?token-introspection\+jwt$/i;
const INACTIVE: RejectedJudgement = { outcome: 'rejected', audience: 'invalid', reason: 'inactive' };

/**
 * Establishes the facts of opaque tokens by exchanging them for JWTs. A JWT is verified before anything uses it, as one
 * that a client sends; it is used until its `exp`, the maximum age, or the end of the keys that verified it.
 */
export function createExchangedTokens(options: ExchangedTokensOptions): Pick<Introspection, 'read' | 'close'> {
  const { exchange, verify, policy, now } = options;
  const cache = options.cache === false ? undefined : createIntrospectionCache<ExchangedToken>(options.cache);
  const maxAgeMs = (exchange.maxAgeSeconds ?? MAX_AGE_SECONDS) * 1000;

  async function jwtFor(token: string, history: 'known' | 'new'): Promise<string | undefined> {
    try {
      return await exchange.exchange(token, history);
    } catch (cause) {
      if (cause instanceof UnavailableError) throw cause;
      throw unavailable('cannot be exchanged', { cause });
    }
  }

  async function read(token: string, history: 'known' | 'new'): Promise<ExchangedToken | undefined> {
    const requestedAtMs = now();
    const jwt = await jwtFor(token, history);
    if (jwt === undefined) return undefined;
    if (!isAccessTokenJwt(jwt)) throw unavailable('was exchanged for something else than an access-token JWT');
    const verified = await verify(jwt);
    if ('outcome' in verified) throw unavailable(`was exchanged for a JWT that is not valid: ${verified.reason}`);
    const { keys, keySet } = verified;
    const facts = deepFreeze(verified.facts);
    return {
      facts,
      shared: { clientId: facts.clientId, scope: facts.scope, evaluation: evaluatePolicy(facts, policy) },
      requestedAtMs,
      usableUntilMs: Math.min(requestedAtMs + maxAgeMs, facts.expiresAt * 1000),
      // The text, and about as much for its facts.
      bytes: 2 * jwt.length,
      jwt,
      isCurrent: (nowMs) => keys.isCurrent(keySet, nowMs),
    };
  }

  return {
    async read(token) {
      const nowMs = now();
      const known = cache?.get(token, nowMs);
      if (known?.isCurrent(nowMs) === true) return known;
      const exchanged = await read(token, cache?.knows(token) === true ? 'known' : 'new');
      if (exchanged === undefined) cache?.forget(token);
      else cache?.set(token, exchanged);
      return exchanged ?? INACTIVE;
    },
    close: () => exchange.close?.(),
  };
}

function isAccessTokenJwt(jwt: string): boolean {
  const jws = readCompactJws(jwt);
  if (typeof jws === 'string' || INTROSPECTION_RESPONSE.test(jws.type ?? '')) return false;
  return !Object.hasOwn(jws.claims, 'token_introspection');
}

function unavailable(what: string, options: { readonly cause?: unknown } = {}): UnavailableError {
  return new UnavailableError(`an opaque token ${what}`, { dependency: 'exchange', ...options });
}
