import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade status [--watch] [--config crossfade.yaml] [--json]

Shows the phase of the migration, why, what comes next, and when the drain can end. Changes nothing. A pattern shows
several plans side by side; quote it, so that the shell leaves it to Crossfade. A plan with a problem hides no other.

  --watch   repeat every two seconds, on a terminal, until q or Ctrl-C

Exit codes: 0 the state is known, 2 a plan is wrong, 3 a flag store cannot be reached, 4 no meter responds.

  crossfade status
  crossfade status --config 'plans/*.yaml'
  crossfade status --json | jq -r .phase
`;

export const status: VerbDefinition = {
  name: 'status',
  summary: 'show the phase of the migration and why',
  help: HELP,
  options: { watch: 'boolean' },
  load: () => import('../verbs/status.ts'),
};
