import {
  type AcceptedJudgement,
  type Clock,
  ConfigError,
  describeMoment,
  formatInstant,
  type Judgement,
  type RevocationPlan,
} from '@crossfade/core';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { type OpenRedisDenylist, openRedisDenylist } from '@crossfade/validator/redis';
import type { JudgementJson, SideViewJson, VerifiedTokenJson } from '../json/checks-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { createKeyMemory } from '../probe/key-memory.ts';
import { type Refusal, refusalText } from '../probe/refusal.ts';
import { describeItself } from '../probe/self-description.ts';
import { type JudgeBy, type SideViews, viewSides } from '../probe/side-views.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'inspect'>>> {
  const { report, now } = invocation;
  const plan = await invocation.plan();
  const token = await readToken(invocation);
  const denylist = plan.revocation && (await openDenylist(plan.revocation, now));
  try {
    await denylist?.connected();
    const judge = createJudge(token, denylist, invocation);
    const nowMs = now();
    const judgement = await judge({ plan, acceptance: 'both', nowMs });
    const views = await viewSides(token, plan, nowMs, judge);
    const itself = isVerified(judgement) ? [] : describeItself(token, plan, nowMs);
    printJudgement(report, judgement, views, itself, nowMs);
    const exitCode = judgement.outcome === 'accepted' ? EXIT.done : EXIT.refused;
    const sides = {
      legacy: viewJson(views.legacy),
      target: viewJson(views.target),
      closed: viewJson(views.afterClose),
    };
    return {
      exitCode,
      json: { migration: plan.migration, ...judgementJson(judgement), sides, unverified: itself },
    };
  } finally {
    denylist?.close();
  }
}

/** Each judgement has rules of its own; the keys are fetched once. */
function createJudge(
  token: string,
  denylist: OpenRedisDenylist | undefined,
  { env }: Pick<Invocation, 'env'>,
): JudgeBy {
  const isRevoked = denylist && { isRevoked: denylist.isRevoked };
  const keyStore = createKeyMemory();
  return async ({ plan, acceptance, nowMs }) => {
    const options = { ...validatorOptions(plan, env), ...isRevoked, acceptance, keyStore, now: () => nowMs };
    const validator = createValidator(options);
    try {
      return await validator.judge(token);
    } finally {
      validator.close();
    }
  };
}

/** Loads the Redis client only for a plan that names a denylist. */
async function openDenylist({ redis, by }: RevocationPlan, now: Clock): Promise<OpenRedisDenylist> {
  const { createClient } = await import('@redis/client');
  return openRedisDenylist(createClient, { url: redis, by, now });
}

async function readToken({ argument, input }: Invocation): Promise<string> {
  const text = argument === '-' ? await input() : (argument ?? '');
  const token = text.trim().replace(/^Bearer +/i, '');
  if (token === '')
    throw new ConfigError('inspect', [{ path: '<token|->', message: 'is empty: expected an access token' }]);
  return token;
}

function isVerified({ audience }: Judgement): boolean {
  return audience !== 'invalid' && audience !== 'opaque' && audience !== 'none';
}

function printJudgement(
  report: Report,
  judgement: Judgement,
  views: SideViews,
  itself: readonly string[],
  nowMs: number,
): void {
  const isAccepted = judgement.outcome === 'accepted';
  report.print(isAccepted ? report.style('green', 'accepted') : report.style('red', `rejected: ${judgement.reason}`));
  report.field('audience', judgement.audience);
  const { legacy, target, afterClose } = views;
  const isOneView = reasonsText(legacy) === reasonsText(target);
  if (isOneView) printView(report, 'either side', legacy);
  else printView(report, 'legacy side', legacy);
  if (!isOneView) printView(report, 'target side', target);
  if (reasonsText(afterClose) === reasonsText(target))
    report.field('after close', afterClose.length === 0 ? 'accepted' : 'rejected');
  else printView(report, 'after close', afterClose);
  if (itself.length > 0) report.field('unverified', `by what it says of itself, ${itself.join('; ')}`);
  if (isAccepted) {
    printVerified(report, judgement, nowMs);
    report.field('scope', judgement.scope.join(' ') || 'none');
    return;
  }
  if (judgement.scope !== undefined) report.field('needs scope', judgement.scope.join(' '));
  if (judgement.token !== undefined) printVerified(report, judgement.token, nowMs);
}

function reasonsText(refusals: readonly Refusal[]): string {
  return refusals.map(refusalText).join('\n');
}

/** One reason stands in the line of the verdict, several below it. */
function printView(report: Report, label: string, refusals: readonly Refusal[]): void {
  const [first, ...more] = refusals;
  if (first === undefined) report.field(label, 'accepted', 'green');
  else report.field(label, `rejected: ${refusalText(first)}`, 'red');
  for (const refusal of more) report.field('', `and ${refusalText(refusal)}`);
}

/** What a verified token says of itself, accepted or not. */
type VerifiedToken = Pick<AcceptedJudgement, 'afterClose' | 'clientId' | 'issuedAt' | 'expiresAt'>;

function printVerified(report: Report, { clientId, issuedAt, expiresAt }: VerifiedToken, nowMs: number): void {
  report.field('client', clientId ?? 'not named');
  if (issuedAt !== undefined) report.field('issued', describeMoment(issuedAt * 1000, nowMs));
  report.field('expires', describeMoment(expiresAt * 1000, nowMs));
}

function viewJson(reasons: readonly Refusal[]): SideViewJson {
  return { outcome: reasons.length === 0 ? 'accepted' : 'rejected', reasons };
}

function judgementJson(judgement: Judgement): JudgementJson {
  if (judgement.outcome === 'rejected') {
    const { outcome, audience, reason, scope, token } = judgement;
    return { outcome, audience, reason, ...(scope !== undefined && { scope }), ...(token && verifiedJson(token)) };
  }
  const { outcome, audience, scope, roles } = judgement;
  return { outcome, audience, scope, roles, ...verifiedJson(judgement) };
}

function verifiedJson({ afterClose, clientId, issuedAt, expiresAt }: VerifiedToken): VerifiedTokenJson {
  return {
    afterClose,
    clientId: clientId ?? null,
    issuedAt: formatInstant(issuedAt === undefined ? null : issuedAt * 1000),
    expiresAt: formatInstant(expiresAt * 1000),
  };
}
