import { VERBS } from './verbs/verbs.ts';

const COLUMN = 10;

/** What `crossfade --help` prints. */
export const OVERVIEW = `crossfade <verb> [--config crossfade.yaml] [--json]

Moves an API from one access-token audience to another, and says when the old one can be closed.

${VERBS.map(({ name, summary }) => `  ${name.padEnd(COLUMN)} ${summary}`).join('\n')}

Options of every verb
  --config <path>   the migration plan; crossfade.yaml unless told
  --json            print one JSON document, and nothing else, on stdout
  --help            explain the verb

Ends with 0 done or pass, 1 refused or fail, 2 usage or configuration, 3 unavailable, 4 inconclusive, 5 conflict.
CROSSFADE_FLAGS_* and CROSSFADE_SIDECAR_* in the environment override the plan; NO_COLOR is respected.
`;
