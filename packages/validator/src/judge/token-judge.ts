import type { Acceptance, Judgement } from '@crossfade/core';
import type { DpopChallenges } from '../dpop/dpop-challenge.ts';
import type { DpopCheck } from '../dpop/dpop-check.ts';
import { type Possession, PROVEN, possessionOf } from '../dpop/proof-of-possession.ts';
import type { OwnFacts } from '../jwt/token-facts.ts';
import { decide } from '../policy/decide.ts';
import type { TokenGroup } from '../policy/shared-token-data.ts';
import type { JudgementContext } from '../request/judgement-context.ts';
import { type PresentedToken, presentedToken } from '../request/presented-token.ts';
import type { ValidatorSettings } from '../settings/validator-settings.ts';
import type { TokenReader } from '../tokens/token-reader.ts';
import type { RememberedToken } from '../tokens/verified-token.ts';
import type { OfferedJudge } from './soonest-judge.ts';

/** What a request asks and shows beside its token. */
type Asking = Omit<JudgementContext, 'scheme'>;

const NOTHING: JudgementContext = {};
const NO_SCOPE: readonly string[] = [];

/** Judges tokens: by what is known of them, or as soon as it is. */
export interface TokenJudge {
  judge(token: string | undefined, context?: JudgementContext): Judgement | Promise<Judgement>;
  readonly soonest: OfferedJudge;
}

export function createTokenJudge(parts: {
  readonly settings: ValidatorSettings;
  readonly tokens: TokenReader;
  readonly dpop: DpopCheck;
  readonly challenges: DpopChallenges;
}): TokenJudge {
  const { settings, tokens, dpop, challenges } = parts;
  const { now } = settings;

  function judgePresented(
    presented: PresentedToken,
    asking: Asking,
    nowMs: number,
    known = tokens.recallToken(presented, nowMs),
  ): Judgement | Promise<Judgement> {
    if (known === undefined) return judgeAfresh(presented, asking);
    return judgeKnown(known, known.group, presented, asking, nowMs);
  }

  async function judgeAfresh(presented: PresentedToken, asking: Asking): Promise<Judgement> {
    const read = await tokens.read(presented);
    if ('outcome' in read) return challenges.addTo(read, presented.scheme, PROVEN);
    return judgeKnown('facts' in read ? read.facts : read, read.group, presented, asking, now());
  }

  function judgeKnown(
    facts: OwnFacts,
    group: TokenGroup,
    presented: PresentedToken,
    { scope = NO_SCOPE, proof }: Asking,
    nowMs: number,
  ): Judgement | Promise<Judgement> {
    const { scheme } = presented;
    const possession = possessionOf(facts.binding, presented, proof, dpop);
    if (!(possession instanceof Promise)) return conclude(facts, group, scope, scheme, possession, nowMs);
    return possession.then((shown) => conclude(facts, group, scope, scheme, shown, now()));
  }

  function conclude(
    facts: OwnFacts,
    group: TokenGroup,
    scope: readonly string[],
    scheme: PresentedToken['scheme'],
    possession: Possession,
    nowMs: number,
  ): Judgement {
    const acceptance = positionOf(settings.acceptance);
    const circumstances = { acceptance, nowSeconds: nowMs / 1000, scope, possessionFlaw: possession.flaw };
    return challenges.addTo(decide(facts, group, settings, circumstances), scheme, possession);
  }

  // Nearly every request brings a known token that needs no proof, in the same text as before.
  return {
    judge(token, context = NOTHING) {
      if (!token) return challenges.noToken;
      const { scheme = 'Bearer', scope = NO_SCOPE } = context;
      const nowMs = now();
      const known = tokens.recall(token, undefined, nowMs);
      if (scheme === 'Bearer' && needsNoProof(known)) {
        return conclude(known, known.group, scope, scheme, PROVEN, nowMs);
      }
      return judgePresented({ text: token, start: 0, scheme }, context, nowMs, known);
    },
    soonest: (readProof) => (authorization, request) => {
      const header = typeof authorization === 'object' ? onlyOneOf(authorization) : authorization;
      const nowMs = now();
      const known = header === undefined ? undefined : tokens.recall(header, 'Bearer', nowMs);
      if (needsNoProof(known)) return conclude(known, known.group, NO_SCOPE, 'Bearer', PROVEN, nowMs);
      const presented = presentedToken(authorization);
      if (presented === undefined) return challenges.noToken;
      const proof = readProof(request, presented.scheme);
      return judgePresented(presented, proof === undefined ? NOTHING : { proof }, nowMs, known);
    },
  };
}

/** With the scheme `Bearer`, that is. */
function needsNoProof(known: RememberedToken | undefined): known is RememberedToken {
  return known !== undefined && known.binding === undefined;
}

function onlyOneOf(values: readonly string[]): string | undefined {
  return values.length === 1 ? values[0] : undefined;
}

/** Zero downtime is the default: only a switch that can be read, and says so, closes the legacy audience. */
export function positionOf(read: () => unknown): Acceptance {
  try {
    return read() === 'target' ? 'target' : 'both';
  } catch {
    return 'both';
  }
}
