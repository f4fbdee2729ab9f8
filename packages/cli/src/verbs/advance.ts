import { ConfigError } from '@crossfade/core';
import { makeGuardedMove } from '../move/guarded-move.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult> {
  const { options, report } = invocation;
  const percent = readPercent(options.text('to'));
  const isAgreed = options.given('yes');
  requireConsent(report, isAgreed);
  return makeGuardedMove({ verb: 'advance', percent }, invocation, async () => {
    if (isAgreed) return undefined;
    const reply = await report.ask('Go ahead? [y/N]');
    return /^y(es)?$/i.test(reply?.trim() ?? '') ? undefined : 'not confirmed';
  });
}

function readPercent(text: string | undefined): number {
  const isPercent = text !== undefined && /^\d{1,3}(\.\d{1,2})?$/.test(text) && Number(text) > 0 && Number(text) <= 100;
  if (isPercent) return Number(text);
  const expected = 'a share above 0 and up to 100, such as 25 or 0.5';
  const message = text === undefined ? `is required: ${expected}` : `must be ${expected}`;
  throw new ConfigError('advance', [{ path: '--to', message }]);
}

function requireConsent({ isTerminal }: Report, isAgreed: boolean): void {
  if (isAgreed || isTerminal) return;
  throw new ConfigError('advance', [
    { path: '--yes', message: 'is required without a terminal, because advance asks before it writes' },
  ]);
}
