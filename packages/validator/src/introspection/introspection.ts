import { type Clock, type RejectedJudgement, type RejectionReason, type Side, UnavailableError } from '@crossfade/core';
import { evaluatePolicy } from '../policy/policy-evaluation.ts';
import type { Policy } from '../policy/side-settings.ts';
import { namesOtherIssuer, readIntrospectedFacts } from './introspected-facts.ts';
import type { IntrospectedToken } from './introspection-cache.ts';
import { createIntrospectionCache, type IntrospectionCacheLimits } from './introspection-cache.ts';
import type { IntrospectionEndpoint } from './introspection-endpoint.ts';
import type { TokenHistory } from './token-endpoint.ts';

/** Establishes the facts of opaque tokens, and whether any token is still active. */
export interface Introspection {
  /**
   * Introspects a token, or returns a cached result. Only active tokens are cached; those that were active before have
   * priority over unknown ones.
   * @returns the facts, or the rejection of a token that no issuer calls active.
   * @throws `UnavailableError` when an issuer that might call it active cannot be asked.
   */
  read(token: string): Promise<IntrospectedToken | RejectedJudgement>;
  /**
   * Asks the issuer of a side whether a token of that side, which may be a JWT, is active now. Caches nothing.
   * @throws `UnavailableError` when the issuer cannot be asked.
   */
  isActive(token: string, side: Side): Promise<boolean>;
  /** Whether the issuer of a side can be asked. */
  has(side: Side): boolean;
  close(): void;
}

type Result = IntrospectedToken | RejectedJudgement;

export function createIntrospection(options: {
  readonly endpoints: readonly IntrospectionEndpoint[];
  readonly policy: Policy;
  readonly cache: IntrospectionCacheLimits | false;
  readonly now: Clock;
}): Introspection {
  const { endpoints, policy, now } = options;
  const cache = options.cache === false ? undefined : createIntrospectionCache(options.cache);

  function endpointOf(side: Side): IntrospectionEndpoint | undefined {
    return endpoints.find(({ settings }) => settings.sides.includes(side));
  }

  async function introspectAt(endpoint: IntrospectionEndpoint, token: string, history: TokenHistory): Promise<Result> {
    const { settings } = endpoint;
    const requestedAtMs = now();
    const response = await endpoint.introspect(token, history);
    if (response === 'inactive') return invalid('inactive');
    const endSeconds = Math.ceil(now() / 1000) + Math.max(Math.ceil(settings.maxAgeMs / 1000), 1);
    const facts = readIntrospectedFacts(response, settings, endSeconds);
    if (facts === 'wrong_issuer') return invalid(facts);
    if (facts === 'malformed') throw wrongMember(settings.issuer);
    const usableUntilMs = Math.min(requestedAtMs + settings.maxAgeMs, facts.expiresAt * 1000);
    return {
      facts,
      shared: { clientId: facts.clientId, scope: facts.scope, evaluation: evaluatePolicy(facts, policy) },
      requestedAtMs,
      usableUntilMs,
      bytes: JSON.stringify(response).length,
    };
  }

  /** Asks all endpoints at once. The first one, in their order, that says the token is addressed to us decides. */
  async function introspect(token: string, history: TokenHistory): Promise<Result> {
    const results = endpoints.map((endpoint) => introspectAt(endpoint, token, history).catch(asUnavailable));
    let fallback: Result = invalid('inactive');
    let failure: UnavailableError | undefined;
    for (const pending of results) {
      const result = await pending;
      if (result instanceof UnavailableError) failure ??= result;
      else if (isAddressedToUs(result)) return result;
      else if (isMoreSpecific(result, fallback)) fallback = result;
    }
    if (failure !== undefined) throw failure;
    return fallback;
  }

  return {
    async read(token) {
      const known = cache?.get(token, now());
      if (known !== undefined) return known;
      const result = await introspect(token, cache?.knows(token) === true ? 'known' : 'new');
      if ('facts' in result) cache?.set(token, result);
      else cache?.forget(token);
      return result;
    },
    async isActive(token, side) {
      const endpoint = endpointOf(side);
      if (endpoint === undefined) throw new TypeError(`the ${side} side has no introspection`);
      const response = await endpoint.introspect(token, 'known');
      if (response === 'inactive') cache?.forget(token);
      else if (namesOtherIssuer(response, endpoint.settings)) throw wrongMember(endpoint.settings.issuer);
      return response !== 'inactive';
    },
    has: (side) => endpointOf(side) !== undefined,
    close: () => {
      for (const endpoint of endpoints) endpoint.close();
    },
  };
}

/** The endpoint's fault, so no rejection of the caller's token. */
function wrongMember(issuer: string): UnavailableError {
  return new UnavailableError(`the introspection endpoint of ${issuer} sent a response with a member that is wrong`, {
    dependency: 'introspection',
  });
}

function asUnavailable(cause: unknown): UnavailableError {
  return cause instanceof UnavailableError
    ? cause
    : new UnavailableError('an opaque token cannot be introspected', { dependency: 'introspection', cause });
}

function isAddressedToUs(result: Result): result is IntrospectedToken {
  return 'facts' in result && result.shared.evaluation.audience !== 'foreign';
}

/** Every issuer says "inactive" of a token that is not its own, so any other rejection is more specific. */
function isMoreSpecific(result: Result, fallback: Result): boolean {
  return 'facts' in result ? !('facts' in fallback) : result.reason !== 'inactive' && !('facts' in fallback);
}

function invalid(reason: RejectionReason): RejectedJudgement {
  return { outcome: 'rejected', audience: 'invalid', reason };
}
