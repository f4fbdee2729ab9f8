import { ConfigError, type Problem, sideName } from '@crossfade/core';
import type { VerbJson } from '../json/verb-json.ts';
import { makeGuardedMove } from '../move/guarded-move.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'close'>>> {
  const plan = await invocation.plan();
  const legacy = sideName(plan.legacy);
  checkOptions(invocation, legacy);
  const consent = async () => {
    if (invocation.options.given('yes')) return undefined;
    const typed = await invocation.report.ask(`To close it, type the name of the legacy side (${legacy}):`);
    return typed?.trim() === legacy ? undefined : 'the name of the legacy side was not typed';
  };
  return makeGuardedMove({ verb: 'close', choose: () => ({ verb: 'close' }), consent }, invocation);
}

function checkOptions({ options, report }: Invocation, legacy: string): void {
  const problems: Problem[] = [];
  const isAgreed = options.given('yes');
  if (!isAgreed && !report.isTerminal && !options.given('dry-run')) {
    problems.push({ path: '--yes', message: 'is required without a terminal, with --legacy <name>' });
  }
  if (isAgreed && !options.given('legacy')) {
    problems.push({ path: '--legacy', message: 'is required with --yes: the name of the legacy side to close' });
  }
  if (options.given('legacy') && options.text('legacy') !== legacy) {
    problems.push({ path: '--legacy', message: `must be ${legacy}, the name of the legacy side in the plan` });
  }
  if (problems.length > 0) throw new ConfigError('close', problems);
}
