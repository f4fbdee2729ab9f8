import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade rollback [--yes] [--config crossfade.yaml] [--json]

Switches all logins back to the legacy audience. Takes no arguments, never asks, can be repeated, and stops a running
deployment. Sessions with target tokens continue: APIs accept both.
If the legacy audience is closed, reopens it first and switches logins once the APIs show it.
Prints the time to effect and waits until every meter shows it. If the flag store cannot be reached, prints what to do by
hand.

  --yes   accepted for scripts; rollback never asks

Exit codes: 0 every meter shows it, 1 not safe yet, 3 the flag store cannot be reached, 4 written but not confirmed,
5 another writer kept changing the flags.

  crossfade rollback
`;

export const rollback: VerbDefinition = {
  name: 'rollback',
  summary: 'switch all logins back to the legacy audience, at once',
  help: HELP,
  options: { yes: 'boolean' },
  load: () => import('../verbs/rollback.ts'),
};
