import type { TokenFacts } from '../jwt/token-facts.ts';
import type { SharedTokenData } from '../policy/shared-token-data.ts';

/** An opaque token that its issuer called active, and for how long its word counts. */
export interface IntrospectedToken {
  readonly facts: TokenFacts;
  readonly shared: SharedTokenData;
  /** When the question left: what the answer says was true no earlier. */
  readonly requestedAtMs: number;
  /** From then on the issuer is asked again. Never after the token's own end. */
  readonly usableUntilMs: number;
  /** Of what the issuer said. */
  readonly bytes: number;
}

/** Remembers what an issuer said about tokens, each for as long as it may be used again. */
export interface IntrospectionCache {
  get(token: string, nowMs: number): IntrospectedToken | undefined;
  set(token: string, introspected: IntrospectedToken): void;
  /** Whether a token was active when it was asked about last, as far as that is remembered. */
  knows(token: string): boolean;
  forget(token: string): void;
}

export interface IntrospectionCacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/**
 * A bounded cache, keyed by the whole token: nothing is known of how an issuer makes opaque tokens, so no part of one
 * may stand for it. What was asked longest ago goes first.
 */
export function createIntrospectionCache({ maxEntries, maxBytes }: IntrospectionCacheLimits): IntrospectionCache {
  const held = new Map<string, IntrospectedToken>();
  let bytes = 0;

  function forget(token: string): void {
    const introspected = held.get(token);
    if (introspected === undefined) return;
    held.delete(token);
    bytes -= sizeOf(token, introspected);
  }

  return {
    get(token, nowMs) {
      const introspected = held.get(token);
      if (introspected === undefined) return undefined;
      if (nowMs >= introspected.requestedAtMs && nowMs < introspected.usableUntilMs) return introspected;
      // For good: a clock that was set back must not make an answer live longer.
      held.set(token, { ...introspected, usableUntilMs: Number.NEGATIVE_INFINITY });
      return undefined;
    },
    set(token, introspected) {
      forget(token);
      const size = sizeOf(token, introspected);
      if (size > maxBytes) return;
      for (const oldest of held.keys()) {
        if (held.size < maxEntries && bytes + size <= maxBytes) break;
        forget(oldest);
      }
      held.set(token, introspected);
      bytes += size;
    },
    knows: (token) => held.has(token),
    forget,
  };
}

function sizeOf(token: string, { bytes }: IntrospectedToken): number {
  return token.length + bytes;
}
