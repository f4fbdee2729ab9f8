import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade rollback [--without <instance>] [--now] [--reason <text>] [--dry-run] [--config crossfade.yaml] [--json]

Switches all logins back to the legacy audience. Needs no arguments, never asks, can be repeated, and stops a running
deployment. Sessions with target tokens continue: APIs accept both.
Says what is written the moment it is written, with the time to effect, and waits until every meter shows it. If the flag
store cannot be used, prints what to do by hand.

After a close it opens the legacy audience first. Logins then wait for the instances that show that they still refuse legacy,
and for those that were last seen closed and are silent now, for as long as their flags may take (six poll intervals).
An instance that never closed, or tells nothing, holds up nothing.

  --without <instance>   wait for nothing from this instance, which you know to be gone; several are separated by commas
  --now                  after a close: let logins wait for no instance
  --reason <text>        recorded with the move, together with the operator (CROSSFADE_OPERATOR, else user and host)
  --yes                  accepted for scripts; rollback never asks
  --dry-run              print what would be written, write nothing, and exit as if

Exit codes: 0 every meter shows it, 1 an instance still refuses legacy after a close, 3 the flag store cannot be used,
4 written but not confirmed, 5 another writer kept changing the flags.

  crossfade rollback
  crossfade rollback --without 10.0.0.7:9464
`;

export const rollback: VerbDefinition = {
  name: 'rollback',
  summary: 'switch all logins back to the legacy audience, at once',
  help: HELP,
  options: { yes: 'boolean', without: 'string', now: 'boolean', reason: 'string', 'dry-run': 'boolean' },
  load: () => import('../verbs/rollback.ts'),
};
