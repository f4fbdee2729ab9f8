import type { TokenFacts } from '../jwt/token-facts.ts';
import type { SharedTokenData } from '../policy/shared-token-data.ts';

/** An opaque token that its issuer called active. */
export interface IntrospectedToken {
  readonly facts: TokenFacts;
  readonly shared: SharedTokenData;
  /** When the request was sent. */
  readonly requestedAtMs: number;
  /** From then on the token is introspected again. Never later than its `exp`. */
  readonly usableUntilMs: number;
  /** Size of the response. */
  readonly bytes: number;
}

/** Caches introspected tokens while they are usable. */
export interface IntrospectionCache<T extends IntrospectedToken = IntrospectedToken> {
  get(token: string, nowMs: number): T | undefined;
  set(token: string, introspected: T): void;
  /** Whether the token was active when last introspected, even if that result is no longer usable. */
  knows(token: string): boolean;
  forget(token: string): void;
}

export interface IntrospectionCacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/**
 * A bounded cache, keyed by the whole token: the format of opaque tokens is unknown, so no part of one identifies it.
 * Evicts the oldest entry first.
 */
export function createIntrospectionCache<T extends IntrospectedToken = IntrospectedToken>({
  maxEntries,
  maxBytes,
}: IntrospectionCacheLimits): IntrospectionCache<T> {
  const entries = new Map<string, T>();
  let bytes = 0;

  function forget(token: string): void {
    const introspected = entries.get(token);
    if (introspected === undefined) return;
    entries.delete(token);
    bytes -= sizeOf(token, introspected);
  }

  return {
    get(token, nowMs) {
      const introspected = entries.get(token);
      if (introspected === undefined) return undefined;
      if (nowMs >= introspected.requestedAtMs && nowMs < introspected.usableUntilMs) return introspected;
      // Permanently: setting the clock back must not extend a result.
      entries.set(token, { ...introspected, usableUntilMs: Number.NEGATIVE_INFINITY });
      return undefined;
    },
    set(token, introspected) {
      forget(token);
      const size = sizeOf(token, introspected);
      if (size > maxBytes) return;
      for (const oldest of entries.keys()) {
        if (entries.size < maxEntries && bytes + size <= maxBytes) break;
        forget(oldest);
      }
      entries.set(token, introspected);
      bytes += size;
    },
    knows: (token) => entries.has(token),
    forget,
  };
}

function sizeOf(token: string, { bytes }: IntrospectedToken): number {
  return token.length + bytes;
}
