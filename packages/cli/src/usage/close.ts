import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade close [--yes --legacy <name>] [--config crossfade.yaml] [--json]

Closes the legacy audience: APIs accept target tokens only. Runs the drain gate first and refuses unless it passes.
Shows the gate's evidence, the shadow close (which clients would be turned away, how often they came, and when last) and what
will change, and asks you to type the name of the legacy side. To undo it, use crossfade reopen.
Then looks whether an API still takes legacy tokens: one whose validator lacks acceptanceSwitch(flags) never follows a close.

  --yes                 do not ask; requires --legacy
  --legacy <name>       the name of the legacy side: its first audience in the plan, or its first client id; else
                        without-audience or any-audience
  --reason <text>       recorded with the move, together with the operator (CROSSFADE_OPERATOR, else user and host)
  --dry-run             print what would be written, write nothing, and exit as if

Exit codes: 0 every meter shows the closed audience, 1 the gate fails or you decline, 4 the gate is inconclusive, the
change is written but not confirmed, or an API still takes legacy tokens, 5 another writer is changing the flags.

  crossfade close
  crossfade close --yes --legacy default-api
`;

export const close: VerbDefinition = {
  name: 'close',
  summary: 'close the legacy audience, if the drain gate passes',
  help: HELP,
  options: { yes: 'boolean', legacy: 'string', reason: 'string', 'dry-run': 'boolean' },
  load: () => import('../verbs/close.ts'),
};
