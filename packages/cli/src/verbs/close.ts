import { ConfigError, type Problem, sideName } from '@crossfade/core';
import { makeGuardedMove } from '../move/guarded-move.ts';
import type { Invocation, VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade close [--yes --legacy <name>] [--config crossfade.yaml] [--json]

Closes the legacy audience: APIs accept target tokens only. Runs the drain gate first and refuses unless it passes.
Shows what will change and asks you to type the name of the legacy side. To undo it, use crossfade reopen.

  --yes                 do not ask; requires --legacy
  --legacy <name>       the name of the legacy side: its first audience in the plan, or its first client id; else
                        without-audience or any-audience

Exit codes: 0 every meter shows the closed audience, 1 the gate fails or you decline, 4 the gate is inconclusive or the
change is written but not confirmed, 5 another writer is changing the flags.

  crossfade close
  crossfade close --yes --legacy default-api
`;

export const close: VerbDefinition = {
  name: 'close',
  summary: 'close the legacy audience, if the drain gate passes',
  help: HELP,
  options: { yes: 'boolean', legacy: 'string' },
  async run(invocation) {
    const plan = await invocation.plan();
    const legacy = sideName(plan.legacy);
    checkOptions(invocation, legacy);
    return makeGuardedMove({ verb: 'close' }, invocation, async () => {
      if (invocation.options.given('yes')) return undefined;
      const typed = await invocation.report.ask(`To close it, type the name of the legacy side (${legacy}):`);
      return typed?.trim() === legacy ? undefined : 'the name of the legacy side was not typed';
    });
  },
};

function checkOptions({ options, report }: Invocation, legacy: string): void {
  const problems: Problem[] = [];
  const isAgreed = options.given('yes');
  if (!isAgreed && !report.isTerminal) {
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
