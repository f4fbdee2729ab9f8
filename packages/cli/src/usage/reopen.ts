import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade reopen [--reason <text>] [--dry-run] [--config crossfade.yaml] [--json]

Reopens the legacy audience: APIs accept both audiences. Always safe, so it does not ask, and it stops a running
deployment. Leaves logins unchanged. Does nothing if the audience is open.

  --reason <text>   recorded with the move, together with the operator (CROSSFADE_OPERATOR, else user and host)
  --yes             accepted for scripts; reopen never asks
  --dry-run         print what would be written, write nothing, and exit as if

Exit codes: 0 every meter shows it, 3 the flag store cannot be reached, 4 written but not confirmed.

  crossfade reopen
`;

export const reopen: VerbDefinition = {
  name: 'reopen',
  summary: 'let APIs accept the legacy audience again',
  help: HELP,
  options: { yes: 'boolean', reason: 'string', 'dry-run': 'boolean' },
  load: () => import('../verbs/reopen.ts'),
};
