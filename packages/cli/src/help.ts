import { VERBS } from './usage/verbs.ts';

const COLUMN = Math.max(...VERBS.map(({ name }) => name.length)) + 1;

/** The text of `crossfade --help`. */
export const OVERVIEW = `crossfade <verb> [--config crossfade.yaml] [--json]

Moves an API from one access-token audience to another and says when the legacy audience can be closed.

${VERBS.map(({ name, summary }) => `  ${name.padEnd(COLUMN)} ${summary}`).join('\n')}

Options of every verb
  --config <path>   the migration plan (default: crossfade.yaml)
  --json            print one JSON document on stdout and nothing else; schema: @crossfade/cli/schema/<verb>.schema.json
  --help, -h        explain the verb
  --version, -v     print the version

Exit codes: 0 done or pass, 1 refused or fail, 2 usage or configuration, 3 unavailable, 4 inconclusive, 5 conflict.
Environment: CROSSFADE_FLAGS_*, CROSSFADE_GATE_*, CROSSFADE_SIDECAR_* and CROSSFADE_REVOCATION_* override the plan; NO_COLOR turns
colour off. CROSSFADE_OPERATOR names who moves, for the record (else user and host).
CROSSFADE_READ_TOKEN holds the read token of the sidecars' metrics ports, which gate.sidecars may list.
`;
