import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade advance --to <percent> [--yes] [--config crossfade.yaml] [--json]

Raises the share of logins that ask for the target audience. To lower it, use crossfade rollback.
Refuses while an API instance is not known to accept target tokens, while the legacy audience is closed, and while
the provider mints legacy tokens for clients that chose target, as their metrics in Prometheus tell.
Shows what will change and asks first.

  --to <percent>   above 0, up to 100, with up to two decimals
  --yes            do not ask
  --reason <text>  recorded with the move, together with the operator (CROSSFADE_OPERATOR, else user and host)

Exit codes: 0 every meter shows the new share, 1 refused or declined, 4 written but not confirmed, 5 another writer is
changing the flags.

  crossfade advance --to 25
  crossfade advance --to 100 --yes --json
`;

export const advance: VerbDefinition = {
  name: 'advance',
  summary: 'raise the share of logins that ask for the target audience',
  help: HELP,
  options: { to: 'string', yes: 'boolean', reason: 'string' },
  load: () => import('../verbs/advance.ts'),
};
