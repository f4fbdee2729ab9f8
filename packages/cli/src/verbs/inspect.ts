import {
  type AcceptedJudgement,
  type Clock,
  ConfigError,
  describeMoment,
  formatInstant,
  type Judgement,
  type MigrationPlan,
  type RevocationPlan,
} from '@crossfade/core';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { type OpenRedisDenylist, openRedisDenylist } from '@crossfade/validator/redis';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult> {
  const { report, now } = invocation;
  const plan = await invocation.plan();
  const token = await readToken(invocation);
  const denylist = plan.revocation && (await openDenylist(plan.revocation, now));
  try {
    const judgement = await judge(token, plan, denylist, invocation);
    printJudgement(report, judgement, now());
    const exitCode = judgement.outcome === 'accepted' ? EXIT.done : EXIT.refused;
    return { exitCode, json: { migration: plan.migration, ...judgementJson(judgement) } };
  } finally {
    denylist?.close();
  }
}

async function judge(
  token: string,
  plan: MigrationPlan,
  denylist: OpenRedisDenylist | undefined,
  { now, env }: Invocation,
): Promise<Judgement> {
  const isRevoked = denylist && { isRevoked: denylist.isRevoked };
  const validator = createValidator({ ...validatorOptions(plan, env), ...isRevoked, now });
  try {
    await denylist?.connected();
    return await validator.judge(token);
  } finally {
    await validator.close();
  }
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

function printJudgement(report: Report, judgement: Judgement, nowMs: number): void {
  if (judgement.outcome === 'rejected') {
    report.print(report.style('red', `rejected: ${judgement.reason}`));
    report.field('audience', judgement.audience);
    if (judgement.scope !== undefined) report.field('needs scope', judgement.scope.join(' '));
    if (judgement.token !== undefined) printVerified(report, judgement.token, nowMs);
    return;
  }
  report.print(report.style('green', 'accepted'));
  report.field('audience', judgement.audience);
  printVerified(report, judgement, nowMs);
  report.field('scope', judgement.scope.join(' ') || 'none');
}

/** What a verified token says of itself, accepted or not. */
type VerifiedToken = Pick<AcceptedJudgement, 'afterClose' | 'clientId' | 'issuedAt' | 'expiresAt'>;

function printVerified(
  report: Report,
  { afterClose, clientId, issuedAt, expiresAt }: VerifiedToken,
  nowMs: number,
): void {
  report.field('after close', afterClose);
  report.field('client', clientId ?? 'not named');
  if (issuedAt !== undefined) report.field('issued', describeMoment(issuedAt * 1000, nowMs));
  report.field('expires', describeMoment(expiresAt * 1000, nowMs));
}

function judgementJson(judgement: Judgement): Record<string, unknown> {
  if (judgement.outcome === 'rejected') {
    const { outcome, audience, reason, scope, token } = judgement;
    return { outcome, audience, reason, ...(scope !== undefined && { scope }), ...(token && verifiedJson(token)) };
  }
  const { outcome, audience, scope, roles } = judgement;
  return { outcome, audience, scope, roles, ...verifiedJson(judgement) };
}

function verifiedJson({ afterClose, clientId, issuedAt, expiresAt }: VerifiedToken): Record<string, unknown> {
  return {
    afterClose,
    clientId: clientId ?? null,
    issuedAt: formatInstant(issuedAt === undefined ? null : issuedAt * 1000),
    expiresAt: formatInstant(expiresAt * 1000),
  };
}
