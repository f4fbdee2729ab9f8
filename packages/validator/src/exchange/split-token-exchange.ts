import { createHash } from 'node:crypto';
import { type Clock, UnavailableError } from '@crossfade/core';
import { createTimeout } from '../http/timeout.ts';
import type { TokenExchange } from './token-exchange.ts';

/** Where the issuer's part of split tokens is kept: in memory, or in a store that all gateways share. */
export interface SplitTokenCache {
  /** @returns header and payload of the JWT, `<header>.<payload>`; `undefined` if there is none under this key. */
  get(key: string): Promise<string | undefined> | string | undefined;
}

/** Options of {@link createSplitTokenExchange}. */
export interface SplitTokenExchangeOptions {
  readonly cache: SplitTokenCache;
  /** The key of a token in the cache. Default: SHA-256 of the token, in hex, so that the cache alone makes no token. */
  readonly key?: (token: string) => string;
  /** How long a JWT is used before the cache is asked again. Default: 30. */
  readonly maxAgeSeconds?: number;
  /** The timeout of a look-up; the API then responds with 503. Default: 1000. */
  readonly timeoutMs?: number;
}

const HEAD_AND_PAYLOAD = /^[\w-]+\.[\w-]+$/;

/**
 * Creates an exchange for split tokens: the client has only the signature of its JWT, and the gateway's cache the rest.
 * Joined, they are verified as any JWT, so nothing in the cache is believed.
 */
export function createSplitTokenExchange(options: SplitTokenExchangeOptions): TokenExchange {
  const { cache, key = sha256, maxAgeSeconds = 30, timeoutMs = 1000 } = options;
  const timeout = createTimeout(timeoutMs);
  return {
    async exchange(token) {
      const rest = await lookUp(token);
      if (rest === undefined) return undefined;
      if (!HEAD_AND_PAYLOAD.test(rest)) throw unavailable('holds something else than <header>.<payload>');
      return `${rest}.${token}`;
    },
    maxAgeSeconds,
    close: () => timeout.close(),
  };

  async function lookUp(token: string): Promise<string | undefined> {
    try {
      return (await timeout.run(async () => cache.get(key(token)))) ?? undefined;
    } catch (cause) {
      throw unavailable('cannot be asked', { cause });
    }
  }
}

/** Options of {@link createMemorySplitTokenCache}. */
export interface MemorySplitTokenCacheOptions {
  /** The oldest entries make room for new ones. Default: 100,000. */
  readonly maxEntries?: number;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/** A {@link SplitTokenCache} in memory, which the issuer's notifications fill. */
export interface MemorySplitTokenCache extends SplitTokenCache {
  /**
   * @param headAndPayload - `<header>.<payload>` of the JWT.
   * @param ttlSeconds - how long the JWT lives on.
   */
  set(key: string, headAndPayload: string, ttlSeconds: number): void;
  /** Revokes a token, once the JWTs that are in use have reached their maximum age. */
  delete(key: string): void;
}

/** Creates a bounded cache of split tokens for one process. */
export function createMemorySplitTokenCache(options: MemorySplitTokenCacheOptions = {}): MemorySplitTokenCache {
  const { maxEntries = 100_000, now = Date.now } = options;
  const entries = new Map<string, { readonly value: string; readonly endMs: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined || now() < entry.endMs) return entry?.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, ttlSeconds) {
      entries.delete(key);
      for (const oldest of entries.keys()) {
        if (entries.size < maxEntries) break;
        entries.delete(oldest);
      }
      entries.set(key, { value, endMs: now() + ttlSeconds * 1000 });
    },
    delete: (key) => void entries.delete(key),
  };
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function unavailable(what: string, options: { readonly cause?: unknown } = {}): UnavailableError {
  return new UnavailableError(`the cache of split tokens ${what}`, { dependency: 'exchange', ...options });
}
