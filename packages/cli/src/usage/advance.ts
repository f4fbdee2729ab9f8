import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade advance [--to <percent>] [--yes] [--dry-run] [--config crossfade.yaml] [--json]

Raises the share of logins that ask for the target audience: without --to to the next of the plan's steps. To lower it, use
crossfade rollback. Shows what will change and on what evidence, and asks first.
Refuses while
  - an API instance is not known to accept target tokens since the last step, or refused a valid token since then
  - an API accepted verified tokens that the plan refuses since the last step
  - a sidecar reads another store than the plan names, or holds other flags than the store
  - the legacy audience is closed
  - the provider mints legacy tokens for clients that chose target, as their metrics in Prometheus tell
  - the last step is younger than gate.soak of the plan (by default the lifetime of a target token)

  --to <percent>   above 0, up to 100, with up to two decimals
  --skip-soak      do not keep the last step for gate.soak; needs --reason, and is recorded
  --reason <text>  recorded with the move, together with the operator (CROSSFADE_OPERATOR, else user and host)
  --dry-run        print what would be written, write nothing, and exit as if
  --yes            do not ask

Exit codes: 0 every meter shows the new share, 1 refused or declined, 4 written but not confirmed, 5 another writer is
changing the flags, or changed them again.

  crossfade advance
  crossfade advance --to 25 --dry-run
  crossfade advance --to 100 --yes --json
`;

export const advance: VerbDefinition = {
  name: 'advance',
  summary: 'raise the share of logins that ask for the target audience',
  help: HELP,
  options: {
    to: 'string',
    yes: 'boolean',
    'skip-soak': 'boolean',
    'dry-run': 'boolean',
    reason: 'string',
  },
  load: () => import('../verbs/advance.ts'),
};
