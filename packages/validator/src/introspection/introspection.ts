import { type Clock, type RejectedJudgement, type RejectionReason, UnavailableError } from '@crossfade/core';
import { evaluatePolicy } from '../policy/policy-evaluation.ts';
import type { Policy } from '../policy/side-settings.ts';
import { readIntrospectedFacts } from './introspected-facts.ts';
import type { IntrospectedToken } from './introspection-cache.ts';
import { createIntrospectionCache, type IntrospectionCacheLimits } from './introspection-cache.ts';
import type { IntrospectionEndpoint, TokenRepute } from './introspection-endpoint.ts';

/** Establishes the facts of opaque tokens. */
export interface Introspection {
  /**
   * What an issuer of ours says about a token, asked now or not long ago. A token that nobody calls active is not
   * remembered; one that was active is asked about ahead of those that nobody ever heard of.
   * @returns the facts, or the rejection of a token that no issuer vouches for.
   * @throws `UnavailableError` when an issuer that might vouch for it can't be asked.
   */
  read(token: string): Promise<IntrospectedToken | RejectedJudgement>;
  close(): void;
}

type Finding = IntrospectedToken | RejectedJudgement;

export function createIntrospection(options: {
  readonly endpoints: readonly IntrospectionEndpoint[];
  readonly policy: Policy;
  readonly cache: IntrospectionCacheLimits | false;
  readonly now: Clock;
}): Introspection {
  const { endpoints, policy, now } = options;
  const cache = options.cache === false ? undefined : createIntrospectionCache(options.cache);

  async function askOne(endpoint: IntrospectionEndpoint, token: string, repute: TokenRepute): Promise<Finding> {
    const { settings } = endpoint;
    const requestedAtMs = now();
    const answer = await endpoint.ask(token, repute);
    if (answer === 'inactive') return invalid('inactive');
    const endSeconds = Math.ceil(now() / 1000) + Math.max(Math.ceil(settings.maxAgeMs / 1000), 1);
    const facts = readIntrospectedFacts(answer, settings, endSeconds);
    if (facts === 'wrong_issuer') return invalid(facts);
    if (facts === 'malformed') throw wrongMember(settings.issuer);
    const usableUntilMs = Math.min(requestedAtMs + settings.maxAgeMs, facts.expiresAt * 1000);
    return {
      facts,
      shared: { clientId: facts.clientId, scope: facts.scope, evaluation: evaluatePolicy(facts, policy) },
      requestedAtMs,
      usableUntilMs,
      bytes: JSON.stringify(answer).length,
    };
  }

  /** All are asked at once. The first one, in their order, to which the token is addressed has the last word. */
  async function ask(token: string, repute: TokenRepute): Promise<Finding> {
    const findings = endpoints.map((endpoint) => askOne(endpoint, token, repute).catch(asUnavailable));
    let fallback: Finding = invalid('inactive');
    let failure: UnavailableError | undefined;
    for (const pending of findings) {
      const finding = await pending;
      if (finding instanceof UnavailableError) failure ??= finding;
      else if (isAddressedToUs(finding)) return finding;
      else if (isMoreTelling(finding, fallback)) fallback = finding;
    }
    if (failure !== undefined) throw failure;
    return fallback;
  }

  return {
    async read(token) {
      const known = cache?.get(token, now());
      if (known !== undefined) return known;
      const finding = await ask(token, cache?.knows(token) === true ? 'known' : 'new');
      if ('facts' in finding) cache?.set(token, finding);
      else cache?.forget(token);
      return finding;
    },
    close: () => {
      for (const endpoint of endpoints) endpoint.close();
    },
  };
}

/** It is the endpoint's fault, and no caller can mend it. */
function wrongMember(issuer: string): UnavailableError {
  return new UnavailableError(`the introspection endpoint of ${issuer} answered with a member of the wrong type`);
}

function asUnavailable(cause: unknown): UnavailableError {
  return cause instanceof UnavailableError
    ? cause
    : new UnavailableError('an opaque token can not be asked about', { cause });
}

function isAddressedToUs(finding: Finding): finding is IntrospectedToken {
  return 'facts' in finding && finding.shared.evaluation.audience !== 'foreign';
}

/** "Inactive" is what every issuer says of a token that is not its own. */
function isMoreTelling(finding: Finding, fallback: Finding): boolean {
  return 'facts' in finding ? !('facts' in fallback) : finding.reason !== 'inactive' && !('facts' in fallback);
}

function invalid(reason: RejectionReason): RejectedJudgement {
  return { outcome: 'rejected', audience: 'invalid', reason };
}
