import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade runbook [<name>] [--json]

Prints a procedure, or what to do about an alert, in Markdown. Without a name it lists them. Needs no plan and no network, so
that it works during an outage. Refusals, findings and alerts name the page to read on.

Exit codes: 0 printed, 2 there is no page of that name.

  crossfade runbook
  crossfade runbook rollback
  crossfade runbook CrossfadeRejectionsRising
`;

export const runbook: VerbDefinition = {
  name: 'runbook',
  summary: 'print a procedure, or what to do about an alert',
  help: HELP,
  options: {},
  argument: 'name',
  isArgumentOptional: true,
  load: () => import('../verbs/runbook.ts'),
};
