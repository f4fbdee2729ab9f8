import type { Acceptance, Judgement } from '@crossfade/core';
import type { DpopChallenges } from '../dpop/dpop-challenge.ts';
import type { DpopCheck } from '../dpop/dpop-check.ts';
import { PROVEN, type ProofOfPossession, proofOfPossession } from '../dpop/proof-of-possession.ts';
import type { OwnFacts } from '../jwt/token-facts.ts';
import { decide } from '../policy/decide.ts';
import type { SharedTokenData } from '../policy/shared-token-data.ts';
import type { JudgementContext, RequestProof, TokenScheme } from '../request/judgement-context.ts';
import { type PresentedToken, presentedToken } from '../request/presented-token.ts';
import type { RevocationCheck } from '../revocation/revocation-check.ts';
import type { ValidatorSettings } from '../settings/validator-settings.ts';
import type { TokenReader } from '../tokens/token-reader.ts';
import type { RememberedToken } from '../tokens/verified-token.ts';
import type { BrownoutCheck } from './brownout.ts';

type RequestContext = Omit<JudgementContext, 'scheme'>;

const NO_CONTEXT: JudgementContext = {};
const NO_SCOPE: readonly string[] = [];

/** Judges tokens: at once by what is remembered of them, else as soon as they are read. */
export interface TokenJudge {
  judge(token: string | undefined, context?: JudgementContext): Judgement | Promise<Judgement>;
  /** Judges the token of an `Authorization` header; asks for the proof unless a remembered token needs none. */
  judgeHeader<R>(
    authorization: string | readonly string[] | undefined,
    request: R,
    readProof: (request: R, scheme: TokenScheme) => RequestProof | undefined,
  ): Judgement | Promise<Judgement>;
  /** The JWT that the judged token was exchanged for. */
  upstreamToken(judgement: Judgement): string | undefined;
}

export function createTokenJudge(parts: {
  readonly settings: ValidatorSettings;
  readonly tokens: TokenReader;
  readonly dpop: DpopCheck;
  readonly challenges: DpopChallenges;
  /** Asked last, about tokens that are accepted otherwise. */
  readonly revocation?: RevocationCheck | undefined;
  /** Asked after that, so that a revoked token keeps its reason. */
  readonly brownout?: BrownoutCheck | undefined;
}): TokenJudge {
  const { settings, tokens, dpop, challenges, revocation, brownout } = parts;
  const { now } = settings;
  /** Beside the judgements, so that nothing that prints one prints a token. */
  const upstreamTokens = new WeakMap<Judgement, string>();

  function judgePresented(
    presented: PresentedToken,
    context: RequestContext,
    nowMs: number,
    remembered = tokens.recallToken(presented, nowMs),
  ): Judgement | Promise<Judgement> {
    if (remembered === undefined) return readAndJudge(presented, context);
    return judgeKnown(remembered, remembered.shared, presented, context, nowMs);
  }

  async function readAndJudge(presented: PresentedToken, context: RequestContext): Promise<Judgement> {
    const read = await tokens.read(presented);
    if ('outcome' in read) return challenges.addTo(read, presented.scheme, PROVEN);
    const judged = judgeKnown('facts' in read ? read.facts : read, read.shared, presented, context, now());
    if (!('jwt' in read)) return judged;
    const judgement = await judged;
    if (judgement.outcome === 'accepted') upstreamTokens.set(judgement, read.jwt);
    return judgement;
  }

  function judgeKnown(
    facts: OwnFacts,
    shared: SharedTokenData,
    presented: PresentedToken,
    { scope = NO_SCOPE, proof }: RequestContext,
    nowMs: number,
  ): Judgement | Promise<Judgement> {
    const { scheme } = presented;
    const possession = proofOfPossession(facts.binding, presented, proof, dpop);
    if (!(possession instanceof Promise)) return conclude(facts, shared, scope, scheme, possession, nowMs);
    return possession.then((proven) => conclude(facts, shared, scope, scheme, proven, now()));
  }

  function conclude(
    facts: OwnFacts,
    shared: SharedTokenData,
    scope: readonly string[],
    scheme: PresentedToken['scheme'],
    possession: ProofOfPossession,
    nowMs: number,
  ): Judgement | Promise<Judgement> {
    const acceptance = readAcceptance(settings.acceptance);
    const circumstances = { acceptance, nowSeconds: nowMs / 1000, scope, possessionFlaw: possession.flaw };
    const judgement = decide(facts, shared, settings, circumstances);
    if (revocation === undefined || judgement.outcome === 'rejected') {
      return challenges.addTo(refuseInBrownout(judgement, nowMs), scheme, possession);
    }
    const checked = revocation(judgement);
    if (!(checked instanceof Promise)) return challenges.addTo(refuseInBrownout(checked, nowMs), scheme, possession);
    return checked.then((later) => challenges.addTo(refuseInBrownout(later, now()), scheme, possession));
  }

  function refuseInBrownout(judgement: Judgement, nowMs: number): Judgement {
    return brownout === undefined || judgement.outcome === 'rejected' ? judgement : brownout.apply(judgement, nowMs);
  }

  // The first two begin with the usual case: a remembered token that needs no proof, in the same text as before.
  return {
    judge(token, context = NO_CONTEXT) {
      if (!token) return challenges.noToken;
      const { scheme = 'Bearer', scope = NO_SCOPE } = context;
      const nowMs = now();
      const remembered = tokens.recall(token, undefined, nowMs);
      if (scheme === 'Bearer' && isUnbound(remembered)) {
        return conclude(remembered, remembered.shared, scope, scheme, PROVEN, nowMs);
      }
      return judgePresented({ text: token, start: 0, scheme }, context, nowMs, remembered);
    },
    judgeHeader(authorization, request, readProof) {
      const header = typeof authorization === 'object' ? onlyValue(authorization) : authorization;
      const nowMs = now();
      const remembered = header === undefined ? undefined : tokens.recall(header, 'Bearer', nowMs);
      if (isUnbound(remembered)) return conclude(remembered, remembered.shared, NO_SCOPE, 'Bearer', PROVEN, nowMs);
      const presented = presentedToken(authorization);
      if (presented === undefined) return challenges.noToken;
      const proof = readProof(request, presented.scheme);
      return judgePresented(presented, proof === undefined ? NO_CONTEXT : { proof }, nowMs, remembered);
    },
    upstreamToken: (judgement) => upstreamTokens.get(judgement),
  };
}

/** An unbound token sent as `Bearer` needs no proof. */
function isUnbound(remembered: RememberedToken | undefined): remembered is RememberedToken {
  return remembered !== undefined && remembered.binding === undefined;
}

function onlyValue(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

/** Reads the acceptance switch. Only a switch that says `target` closes the legacy audience; one that throws does not. */
export function readAcceptance(read: () => unknown): Acceptance {
  try {
    return read() === 'target' ? 'target' : 'both';
  } catch {
    return 'both';
  }
}
