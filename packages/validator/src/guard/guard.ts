import { type AcceptedJudgement, attachRejectedToken, type Judgement, UnavailableError } from '@crossfade/core';
import type { TokenScheme } from '../request/judgement-context.ts';
import { isPreflight } from '../request/preflight.ts';
import { presentedToken, tokenText } from '../request/presented-token.ts';
import { readCertificateProof, readDpopProof } from '../request/read-request-proof.ts';
import type { RequestReader } from '../request/request-reader.ts';
import type { GuardSettings } from './guard-options.ts';
import { type HttpRejection, rejectionResponse, unavailableResponse } from './rejection-response.ts';
import { observeResponse, type ResponseObservation, timed } from './request-meter.ts';
import { INTROSPECTION, type RouteRules } from './route-rules.ts';
import { checkRouteRules, isHidden } from './route-verdict.ts';
import type { SunsetHeaders } from './sunset-headers.ts';

/** A request that may go on to its route. */
export interface AllowedRequest {
  readonly accessToken: AcceptedJudgement;
  /** The validator that judged it. */
  readonly by: object;
  /** Whether its issuer was asked, during this request, whether the token is active. */
  readonly introspected?: true;
  /** For the client's next proof, where one needs a nonce: it goes with the response (RFC 9449 §8.2). */
  readonly nonce?: string;
  /** Go with the response, unless the route sets them. */
  readonly sunset?: SunsetHeaders | undefined;
  /** Learns what the API responds; the same one of every guard on the way of a request. */
  readonly observation?: ResponseObservation | undefined;
}

/**
 * What a guard decides: the request goes on, it is rejected, or the route is `hidden`: it does not exist for the caller. A
 * `preflight` goes on, too, without an access token.
 */
export type GuardDecision = AllowedRequest | { readonly rejection: HttpRejection } | 'hidden' | 'preflight';

/** Decides whether requests get to a route. Knows no server: an adapter reads requests and writes responses. */
export interface Guard<R> {
  /**
   * @param earlier - what a guard decided about the same request before. A token is judged and metered once a request,
   * however many guards are on its way: a proof of possession can be used only once.
   */
  check(request: R, rules: RouteRules, earlier?: AllowedRequest): GuardDecision | Promise<GuardDecision>;
}

/** The response header that names the nonce for the client's next proof (RFC 9449 §8.2). */
export const NONCE_HEADER = 'dpop-nonce';

/** The nonce that the response to an allowed request has to name, if any. A rejection has its own among its headers. */
export function nextNonce(decision: GuardDecision): string | undefined {
  return typeof decision === 'object' && 'nonce' in decision ? decision.nonce : undefined;
}

/** The headers that announce the end of the legacy audience, as names and values; none on most responses. */
export function sunsetFields(decision: GuardDecision): readonly (readonly [name: string, value: string])[] {
  const sunset = typeof decision === 'object' && 'accessToken' in decision ? decision.sunset : undefined;
  return sunset === undefined ? NO_FIELDS : Object.entries(sunset);
}

/** What has to learn of the API's response, where no guard before this one has seen to it. */
export function newObservation(decision: GuardDecision, earlier?: AllowedRequest): ResponseObservation | undefined {
  const observation = typeof decision === 'object' && 'accessToken' in decision ? decision.observation : undefined;
  return observation === earlier?.observation ? undefined : observation;
}

const NO_FIELDS: readonly (readonly [string, string])[] = [];

export function createGuard<R>(settings: GuardSettings<R>, reader: RequestReader<R>): Guard<R> {
  const passesPreflights = settings.preflight === 'pass';
  const { validator, features, resourceMetadata, onJudgement, onUnavailable, metrics } = settings;
  const sunsetOf = ({ audience }: Judgement) => (audience === 'legacy' ? settings.sunset : undefined);

  function readProof(request: R, scheme: TokenScheme) {
    return scheme === 'DPoP'
      ? readDpopProof(request, reader, settings)
      : readCertificateProof(request, reader, settings);
  }

  function isPassedPreflight(request: R): boolean {
    const method = reader.method(request);
    // Nearly every request ends here.
    if (method !== 'OPTIONS') return false;
    const headerValues = (name: string) => reader.headerValues(request, name);
    const headerNames = () => reader.headerNames(request);
    return isPreflight({ method, headerValues, headerNames, hasBody: reader.hasBody?.(request) });
  }

  function isDpop(request: R): boolean {
    return presentedToken(reader.authorization(request))?.scheme === 'DPoP';
  }

  function report(judgement: Judgement, request: R): void {
    metrics?.countJudgement(judgement);
    try {
      onJudgement?.(judgement, request);
    } catch {
      // A failing meter must not cost a valid request.
    }
  }

  function reportUnavailable(error: UnavailableError, request: R): void {
    metrics?.countUnavailable(error);
    try {
      onUnavailable?.(error, request);
    } catch {
      // Nor may it change the response.
    }
  }

  function rejectUnavailable(error: unknown, request: R, earlier?: AllowedRequest): GuardDecision {
    if (!(error instanceof UnavailableError)) throw error;
    if (earlier === undefined) reportUnavailable(error, request);
    earlier?.observation?.cancel();
    return { rejection: unavailableResponse(error) };
  }

  /** What is decided here, not by the validator, has no DPoP challenge yet. */
  function withChallenge(verdict: Judgement, request: R): Judgement {
    if (verdict.outcome === 'accepted' || !isDpop(request)) return verdict;
    const challenged = { ...verdict, dpop: validator.dpopChallenge() };
    return verdict.token === undefined ? challenged : attachRejectedToken(challenged, verdict.token);
  }

  /** Asks the issuer about a token that nothing else speaks against. */
  async function introspect(token: AcceptedJudgement, request: R, earlier?: AllowedRequest): Promise<GuardDecision> {
    const presented = presentedToken(reader.authorization(request));
    if (presented === undefined || validator.introspect === undefined) throw new TypeError(INTROSPECTION);
    try {
      const verdict = await validator.introspect(tokenText(presented), token);
      const decision = decide(withChallenge(verdict, request), request, earlier);
      return 'accessToken' in decision ? { ...decision, introspected: true } : decision;
    } catch (error) {
      return rejectUnavailable(error, request, earlier);
    }
  }

  /** CORS layers respond to `OPTIONS` before an API looks at the token. */
  function observationOf(token: AcceptedJudgement, request: R): ResponseObservation | undefined {
    if (metrics === undefined || reader.method(request) === 'OPTIONS') return undefined;
    return observeResponse(metrics, token);
  }

  function decide(verdict: Judgement, request: R, earlier?: AllowedRequest): Exclude<GuardDecision, string> {
    if (earlier === undefined) report(verdict, request);
    const sunset = sunsetOf(verdict);
    if (verdict.outcome === 'accepted') {
      const observation = earlier === undefined ? observationOf(verdict, request) : earlier.observation;
      return { accessToken: verdict, by: validator, sunset, observation };
    }
    earlier?.observation?.cancel();
    const rejection = rejectionResponse(verdict, resourceMetadata);
    return { rejection: { ...rejection, headers: { ...rejection.headers, ...sunset } } };
  }

  /** Called only after a promise, which every DPoP token takes; a remembered bearer token pays nothing for it. */
  function withNonce(decision: GuardDecision, request: R): GuardDecision {
    const isAllowed = typeof decision === 'object' && 'accessToken' in decision;
    if (!isAllowed || !isDpop(request)) return decision;
    const { nonce } = validator.dpopChallenge();
    return nonce === undefined ? decision : { ...decision, nonce };
  }

  function conclude(
    judgement: Judgement,
    request: R,
    rules: RouteRules,
    earlier?: AllowedRequest,
  ): GuardDecision | Promise<GuardDecision> {
    if (judgement.outcome === 'rejected') return decide(judgement, request, earlier);
    // Before scope and audience: those would give away that the route exists.
    if (isHidden(rules, features, judgement.roles)) {
      if (earlier === undefined) report(judgement, request);
      return 'hidden';
    }
    const verdict = checkRouteRules(judgement, rules, validator);
    if (verdict.outcome === 'rejected') return decide(withChallenge(verdict, request), request, earlier);
    // Last, because it is a request to the issuer.
    if (rules.introspects && earlier?.introspected !== true) return introspect(verdict, request, earlier);
    return decide(verdict, request, earlier);
  }

  return {
    check(request, rules, earlier) {
      if (passesPreflights && isPassedPreflight(request)) {
        metrics?.countPreflight(request as object);
        return 'preflight';
      }
      if (earlier?.by === validator) return conclude(earlier.accessToken, request, rules, earlier);
      const judge = () => validator.judgeHeader(reader.authorization(request), request, readProof);
      const judgement = metrics === undefined ? judge() : timed(metrics, judge);
      if (!(judgement instanceof Promise)) return conclude(judgement, request, rules);
      return judgement.then(
        async (later) => withNonce(await conclude(later, request, rules), request),
        (error: unknown) => rejectUnavailable(error, request),
      );
    },
  };
}
