import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade history [--limit <n>] [--config crossfade.yaml] [--json]

Lists every move of the migration, newest first: when, who, from where to where, why, and what became of it. The record lies in
the flag store, so it is the same on every machine: with AppConfig in the descriptions of its versions, together with the
deployments that others made; with a flag file in <file>.history.ndjson beside it. Changes nothing.

  --limit <n>   how many moves, 1 to 1000 (default 100)

Exit codes: 0 listed, 3 the flag store cannot be reached.

  crossfade history
  crossfade history --json | jq -r '.moves[] | [.at, .operator, .verb] | @tsv'
`;

export const history: VerbDefinition = {
  name: 'history',
  summary: 'list every move: who, when, from, to and why',
  help: HELP,
  options: { limit: 'string' },
  load: () => import('../verbs/history.ts'),
};
