import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade status [--watch] [--config crossfade.yaml] [--json]

Shows the phase of the migration, why, what comes next, and when the drain can end. Changes nothing. A pattern shows
several plans side by side; quote it, so that the shell leaves it to Crossfade. A plan with a problem hides no other.

  --watch   a live view on a terminal, from 40 columns on, until q or Ctrl-C: the mix of requests, the legacy share over
            the time watched, requests per second, when the drain could end, the gate's shortest reason, the last move.
            What cannot be read is shown as unknown, with since when.

drained is the latest time at which a check of the gate could pass by waiting alone, if no legacy token is seen again. It
is unknown before every login asks for target, while a check waits for more than time, and without flags or meters.

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
