import { ConfigError, describeMoment, formatInstant, type Judgement } from '@crossfade/core';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade inspect <token|-> [--config crossfade.yaml] [--json]

Judges one access token like an API that follows the plan and accepts both audiences, and says whether it is still
accepted once legacy is closed. Fetches the issuers' keys. Never prints the token, its subject or other claims.
A token on the command line stays in the shell's history: prefer - and the token on stdin.

Exit codes: 0 accepted, 1 rejected, 3 the issuers' keys cannot be fetched.

  crossfade inspect - < token.txt
`;

export const inspect: VerbDefinition = {
  name: 'inspect',
  summary: 'judge one access token and say why',
  help: HELP,
  options: {},
  argument: 'token|-',
  async run(invocation) {
    const { report, now } = invocation;
    const plan = await invocation.plan();
    const token = await readToken(invocation);
    const validator = createValidator({ ...validatorOptions(plan), now });
    try {
      const judgement = await validator.judge(token);
      printJudgement(report, judgement, now());
      const exitCode = judgement.outcome === 'accepted' ? EXIT.done : EXIT.refused;
      return { exitCode, json: { migration: plan.migration, ...judgementJson(judgement) } };
    } finally {
      await validator.close();
    }
  },
};

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
    return;
  }
  report.print(report.style('green', 'accepted'));
  report.field('audience', judgement.audience);
  report.field('after close', judgement.afterClose);
  report.field('client', judgement.clientId ?? 'not named');
  report.field('scope', judgement.scope.join(' ') || 'none');
  if (judgement.issuedAt !== undefined) report.field('issued', describeMoment(judgement.issuedAt * 1000, nowMs));
  report.field('expires', describeMoment(judgement.expiresAt * 1000, nowMs));
}

function judgementJson(judgement: Judgement): Record<string, unknown> {
  if (judgement.outcome === 'rejected') {
    const { outcome, audience, reason, scope } = judgement;
    return { outcome, audience, reason, ...(scope !== undefined && { scope }) };
  }
  const { outcome, audience, afterClose, clientId, scope, roles, issuedAt, expiresAt } = judgement;
  const times = {
    issuedAt: formatInstant(issuedAt === undefined ? null : issuedAt * 1000),
    expiresAt: formatInstant(expiresAt * 1000),
  };
  return { outcome, audience, afterClose, clientId: clientId ?? null, scope, roles, ...times };
}
