import {
  attachRejectedToken,
  type Judgement,
  type MigrationPlan,
  type RejectedJudgement,
  type RejectionReason,
  type Side,
  type SidePlan,
} from '@crossfade/core';
import { MAX_TOKEN_BYTES } from '@crossfade/core/schema';
import { type DecodedToken, decodeToken } from './decode-token.ts';
import { describeRefusal, type Refusal } from './refusal.ts';

/** What a token is judged by: a plan, which may lack a side, at a time. */
export interface JudgingRules {
  readonly plan: Omit<MigrationPlan, 'target'> & { readonly target?: SidePlan };
  readonly acceptance: 'both' | 'target';
  readonly nowMs: number;
}

/** Judges the one token of an inspection. */
export type JudgeBy = (rules: JudgingRules) => Promise<Judgement>;

/** Why each side refuses a token, with every reason that can be known; an empty list: it is accepted. */
export interface SideViews {
  readonly legacy: readonly Refusal[];
  readonly target: readonly Refusal[];
  readonly afterClose: readonly Refusal[];
}

const DEFAULT_MAX_TOKEN_BYTES = 16_384;

/**
 * Finds every reason of each side. A judgement states the first one; without the rule behind it, the next judgement states
 * the next one. So the rules stay where they are: in the validator.
 */
export async function viewSides(token: string, plan: MigrationPlan, nowMs: number, judge: JudgeBy): Promise<SideViews> {
  const decoded = decodeToken(token);
  const maxTokenBytes = plan.maxTokenBytes ?? DEFAULT_MAX_TOKEN_BYTES;
  const describe = (side: Side) => (judgement: RejectedJudgement) =>
    describeRefusal(judgement, { side, plan: plan[side], maxTokenBytes, bytes: token.length, nowMs, decoded });
  const unreadable = await peel({ plan, acceptance: 'both', nowMs }, decoded, judge, isUnverified);
  const { audience } = unreadable.last;
  const found = (side: Side, rejections: readonly RejectedJudgement[]) => [
    ...unreadable.rejections.map(describe(side)),
    ...rejections.map(describe(side)),
  ];
  if (isUnverified(unreadable.last) || audience === 'foreign') {
    const refusals = (side: Side) => found(side, audience === 'foreign' ? withExpiry(unreadable.last) : []);
    return { legacy: refusals('legacy'), target: refusals('target'), afterClose: refusals('target') };
  }
  const notOwn = (side: Side) => found(side, [{ outcome: 'rejected', audience, reason: 'wrong_audience' }]);
  const own = async (side: Side) => {
    const rules =
      side === 'target' ? { ...unreadable.rules, acceptance: 'target' as const } : legacyAlone(unreadable.rules);
    return found(side, (await peel(rules, decoded, judge, () => true)).rejections);
  };
  const legacy = audience === 'target' ? notOwn('legacy') : await own('legacy');
  const target = audience === 'legacy' ? notOwn('target') : await own('target');
  if (audience !== 'legacy') return { legacy, target, afterClose: target };
  const closed = describe('legacy')({ outcome: 'rejected', audience, reason: 'legacy_closed' });
  return { legacy, target, afterClose: [...legacy, closed] };
}

function isUnverified({ audience }: Judgement): boolean {
  return audience === 'invalid' || audience === 'opaque' || audience === 'none';
}

/** A flaw hides that the token has expired, too. */
function withExpiry(judgement: Judgement): readonly RejectedJudgement[] {
  if (judgement.outcome === 'accepted') return [];
  const { audience, token } = judgement;
  if (token?.expired !== true || judgement.reason === 'expired') return [judgement];
  return [judgement, attachRejectedToken({ outcome: 'rejected', audience, reason: 'expired' }, token)];
}

/** The legacy side without target's: of a token with both audiences, target's verdict would hide legacy's. */
function legacyAlone({ plan, ...rules }: JudgingRules): JudgingRules {
  const { target, legacy, ...rest } = plan;
  const { foreignAudiences } = legacy;
  if (foreignAudiences === undefined || target === undefined) return { ...rules, plan: { ...rest, legacy } };
  const siblings = target.audiences ?? (target.audience === undefined ? [] : [target.audience]);
  const allowed = [...(foreignAudiences === 'refuse' ? [] : foreignAudiences), ...siblings];
  return { ...rules, plan: { ...rest, legacy: { ...legacy, foreignAudiences: allowed } } };
}

interface Peeled {
  readonly rejections: readonly RejectedJudgement[];
  readonly last: Judgement;
  readonly rules: JudgingRules;
}

/** Judges again without the rule that refused, while a judgement is one to look behind and its rule can be left out. */
async function peel(
  given: JudgingRules,
  decoded: DecodedToken | undefined,
  judge: JudgeBy,
  looksBehind: (judgement: Judgement) => boolean,
): Promise<Peeled> {
  const rejections: RejectedJudgement[] = [];
  let rules = given;
  for (;;) {
    const last = await judge(rules);
    if (last.outcome === 'accepted' || !looksBehind(last)) return { rejections, last, rules };
    if (rejections.some(({ reason }) => reason === last.reason)) return { rejections, last, rules };
    const next = relax(rules, last, decoded);
    rejections.push(...(next === undefined ? withExpiry(last) : [last]));
    if (next === undefined) return { rejections, last, rules };
    rules = next;
  }
}

/** The rules of a side that can be left out, by the reason that they give. */
const RULE_OF: Readonly<Partial<Record<RejectionReason, keyof SidePlan>>> = {
  unsupported_algorithm: 'algorithms',
  wrong_type: 'typ',
  foreign_audience: 'foreignAudiences',
  client_not_allowed: 'allowedClients',
  claim_not_allowed: 'claims',
  proof_required: 'senderConstrained',
  insufficient_scope: 'requiredScope',
};

function relax(
  rules: JudgingRules,
  { reason, token }: RejectedJudgement,
  decoded: DecodedToken | undefined,
): JudgingRules | undefined {
  const { plan } = rules;
  if (reason === 'token_too_large') return { ...rules, plan: { ...plan, maxTokenBytes: MAX_TOKEN_BYTES } };
  if (reason === 'expired' && token !== undefined && token.expiresAt > 0)
    return { ...rules, nowMs: token.expiresAt * 1000 - 1 };
  const nbf = decoded?.claims['nbf'];
  if (reason === 'not_yet_valid' && typeof nbf === 'number') return { ...rules, nowMs: nbf * 1000 };
  const rule = RULE_OF[reason];
  if (rule === undefined || (plan.legacy[rule] === undefined && plan.target?.[rule] === undefined)) return undefined;
  const { target } = plan;
  // Without typ or scope, a plan that names no clients would not be one.
  return {
    ...rules,
    plan: {
      ...plan,
      clients: plan.clients ?? [],
      legacy: without(plan.legacy, rule),
      ...(target !== undefined && { target: without(target, rule) }),
    },
  };
}

function without(side: SidePlan, rule: keyof SidePlan): SidePlan {
  const { [rule]: _, ...rest } = side;
  return rest as SidePlan;
}
