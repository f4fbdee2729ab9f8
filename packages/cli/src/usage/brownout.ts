import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade brownout --percent <percent> --for <duration> [--yes] [--dry-run] [--config crossfade.yaml] [--json]
crossfade brownout --stop [--dry-run] [--config crossfade.yaml] [--json]

Refuses legacy tokens of a small, sticky share of clients for a while, so that owners of forgotten clients notice before the
close. The end is in the flag document: no CLI has to live for it. A larger share, by another run, keeps the clients of the
smaller one. Validators with a brownout switch and sidecars that enforce take part; each stops by itself when, within a minute,
it would refuse more than 20 requests and more than 5 % of those with valid tokens. Tokens of both audiences, and tokens
without a client id, get in.
Refuses while the legacy audience is closed, and until every login asks for target: a client that logs in again would get
another legacy token.
Shows which of the known stragglers are concerned, and asks first. rollback and reopen end it, too.

  --percent <percent>  above 0, up to 25, with up to two decimals
  --for <duration>     such as 10m: at least two poll intervals of the flags, at most 1h
  --stop               end it now
  --reason <text>      recorded with the move, together with the operator (CROSSFADE_OPERATOR, else user and host)
  --dry-run            print what would be written, write nothing, and exit as if
  --yes                do not ask

Exit codes: 0 every meter shows it, 1 refused or declined, 3 the flag store cannot be reached, 4 written but not confirmed, 5
another writer is changing the flags.

  crossfade brownout --percent 2 --for 10m
  crossfade brownout --stop
`;

export const brownout: VerbDefinition = {
  name: 'brownout',
  summary: 'refuse legacy tokens of a few clients for minutes, to find their owners',
  help: HELP,
  options: {
    percent: 'string',
    for: 'string',
    stop: 'boolean',
    yes: 'boolean',
    'dry-run': 'boolean',
    reason: 'string',
  },
  load: () => import('../verbs/brownout.ts'),
};
