import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade parity [-] [--legacy-token-file <path> --target-token-file <path>] [--config crossfade.yaml] [--json]

Compares a legacy and a target token of one login and says what an API would lose: an audience that did not change, another
sub, roles, scope values, and other claims that are missing or have another type, also within claims that are objects, by their
path (tenant.region; * for a key that may be data). Lists data about a person (email, name,
phone, groups ...), which belongs in neither access token, and compares issuer, client, typ, alg, lifetime and size.
Prints the names of claims, scope values and roles, never the value of another claim. Sends nothing and checks no signature.
Reads the plan, if there is one, for the claim of the roles, the audiences of the sides and the claim of the denylist.

  -                            two tokens on stdin: the legacy one in the first line, the target one in the second
  --legacy-token-file <path>   a file with the legacy token, or - for stdin; --target-token-file likewise
  --legacy-token-env <NAME>    an environment variable that holds it; --target-token-env likewise
  --ignore <names>             roles, scope values and claims that may go, separated by commas

Scope values of a login (openid, profile, email ...) and claims about a person are no loss: an API needs neither in a token.

Exit codes: 0 no loss, 1 a loss, 2 a token is missing, 4 a token is opaque: nothing can be compared.

  printf '%s\\n' "$LEGACY" "$TARGET" | crossfade parity -
  crossfade parity --legacy-token-env LEGACY --target-token-env TARGET --ignore tenant_name
`;

export const parity: VerbDefinition = {
  name: 'parity',
  summary: 'compare a legacy and a target token: what would an API lose',
  help: HELP,
  options: {
    'legacy-token-file': 'string',
    'target-token-file': 'string',
    'legacy-token-env': 'string',
    'target-token-env': 'string',
    ignore: 'string',
  },
  argument: '-',
  isArgumentOptional: true,
  load: () => import('../verbs/parity.ts'),
};
