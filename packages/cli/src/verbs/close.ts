import { ConfigError, type MigrationPlan, type Problem } from '@crossfade/core';
import { forwardMove } from '../move/guarded-move.ts';
import type { Invocation, VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade close [--yes --legacy <audience>] [--config crossfade.yaml] [--json]

Closes the legacy audience: APIs accept target tokens only. Runs the drain gate first, and refuses unless it passes.
Shows what will change and asks for the legacy audience to be typed. crossfade reopen takes it back.

  --yes                 do not ask; needs --legacy too
  --legacy <audience>   the legacy audience, as in the plan (client ids joined with commas, where there is none)

Ends with 0 when every meter shows the closed position, 1 when the gate fails or you decline, 4 when the gate is
inconclusive or the change is written but not confirmed, 5 when somebody else is changing the flags.

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
    const legacy = legacyName(plan);
    checkOptions(invocation, legacy);
    return forwardMove({ verb: 'close' }, invocation, async () => {
      if (invocation.options.given('yes')) return undefined;
      const typed = await invocation.report.ask(`To close it, type the legacy audience (${legacy}):`);
      return typed?.trim() === legacy ? undefined : 'the legacy audience was not typed';
    });
  },
};

function legacyName({ legacy }: MigrationPlan): string {
  return legacy.audience ?? legacy.clientIds?.join(',') ?? '';
}

function checkOptions({ options, report }: Invocation, legacy: string): void {
  const problems: Problem[] = [];
  const isAgreed = options.given('yes');
  if (!isAgreed && !report.isTerminal) {
    problems.push({ path: '--yes', message: 'is required where nobody can answer, with --legacy <audience>' });
  }
  if (isAgreed && !options.given('legacy')) {
    problems.push({ path: '--legacy', message: 'is required with --yes: the legacy audience that will be closed' });
  }
  if (options.given('legacy') && options.text('legacy') !== legacy) {
    problems.push({ path: '--legacy', message: "is not the plan's legacy audience" });
  }
  if (problems.length > 0) throw new ConfigError('close', problems);
}
