import { type AcceptedJudgement, type Judgement, UnavailableError } from '@crossfade/core';
import { soonestOf } from '../judge/soonest-judge.ts';
import { presentedToken } from '../request/presented-token.ts';
import { readCertificateProof, readDpopProof } from '../request/read-request-proof.ts';
import type { RequestReader } from '../request/request-reader.ts';
import type { GuardSettings } from './guard-options.ts';
import { type HttpRejection, rejectionResponse, unavailableResponse } from './rejection-response.ts';
import type { RouteRules } from './route-rules.ts';
import { heldAgainst, isHidden } from './route-verdict.ts';

/** A request that was let in. */
export interface Admitted {
  readonly accessToken: AcceptedJudgement;
  /** The validator whose judgement it is. */
  readonly by: object;
  /** Of the client's next proof, where one is asked for: it goes with the answer (RFC 9449 §8.2). */
  readonly nonce?: string;
}

/** What a guard says to a request: in, answered with a refusal, or `hidden`: the route does not exist for it. */
export type Admission = Admitted | { readonly refusal: HttpRejection } | 'hidden';

/** Decides whether requests get to a route. Knows no server: an adapter reads requests and writes answers. */
export interface Guard<R> {
  /**
   * @param earlier - what a guard said to the same request before. A token is judged and metered once a request,
   * however many guards are on its way: a proof of possession can be used once only.
   */
  admit(request: R, rules: RouteRules, earlier?: Admitted): Admission | Promise<Admission>;
}

export function createGuard<R>(settings: GuardSettings<R>, reader: RequestReader<R>): Guard<R> {
  const { validator, features, resourceMetadata, onJudgement, onUnavailable } = settings;
  const judge = soonestOf<R>(validator, (request, scheme) =>
    scheme === 'DPoP' ? readDpopProof(request, reader, settings) : readCertificateProof(request, reader, settings),
  );

  function isDpop(request: R): boolean {
    return presentedToken(reader.authorization(request))?.scheme === 'DPoP';
  }

  function report(judgement: Judgement, request: R): void {
    try {
      onJudgement?.(judgement, request);
    } catch {
      // A meter that fails must not cost a valid request.
    }
  }

  function refuseUnavailable(error: unknown, request: R): Admission {
    if (!(error instanceof UnavailableError)) throw error;
    try {
      onUnavailable?.(error, request);
    } catch {
      // Nor change what a caller is told.
    }
    return { refusal: unavailableResponse(error) };
  }

  /** What the route asks for is no business of the validator, which alone knows how to challenge for DPoP. */
  function hold(token: AcceptedJudgement, request: R, rules: RouteRules): Judgement {
    const verdict = heldAgainst(token, rules, validator);
    const isBound = verdict.outcome === 'rejected' && isDpop(request);
    return isBound ? { ...verdict, dpop: validator.dpopChallenge() } : verdict;
  }

  /** Only ever of a token with a proof, which takes a while to check: a bearer token pays nothing for it. */
  function withNonce(admission: Admission, request: R): Admission {
    const isProven = typeof admission === 'object' && 'accessToken' in admission;
    if (!isProven || !isDpop(request)) return admission;
    const { nonce } = validator.dpopChallenge();
    return nonce === undefined ? admission : { ...admission, nonce };
  }

  function conclude(judgement: Judgement, request: R, rules: RouteRules, isNews: boolean): Admission {
    // Before scope and audience: they would give away that the route exists.
    const hidden = judgement.outcome === 'accepted' && isHidden(rules, features, judgement.roles);
    const verdict = judgement.outcome === 'accepted' && !hidden ? hold(judgement, request, rules) : judgement;
    if (isNews) report(verdict, request);
    if (hidden) return 'hidden';
    if (verdict.outcome === 'rejected') return { refusal: rejectionResponse(verdict, resourceMetadata) };
    return { accessToken: verdict, by: validator };
  }

  return {
    admit(request, rules, earlier) {
      if (earlier?.by === validator) return conclude(earlier.accessToken, request, rules, false);
      const judgement = judge(reader.authorization(request), request);
      if (!(judgement instanceof Promise)) return conclude(judgement, request, rules, true);
      return judgement.then(
        (later) => withNonce(conclude(later, request, rules, true), request),
        (error: unknown) => refuseUnavailable(error, request),
      );
    },
  };
}
