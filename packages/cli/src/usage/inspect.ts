import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade inspect <token|-> [--config crossfade.yaml] [--json]

Judges one access token like an API that follows the plan: on the legacy side, on the target side, and after legacy is closed.
Gives every reason that can be known, each in a sentence, not only the first one. Reads all that the plan says of tokens, so a
sidecar judges the same token alike. Fetches the issuers' keys, asks the introspection endpoint about an opaque token, and the
denylist (revocation) whether one is revoked; client secrets come from the environment variables that the plan names. A JWT
that cannot be verified is compared with the plan by what it says of itself, marked as unverified.
Never prints the token, its subject or other claims; it names the client and the scope.
A token on the command line stays in the shell's history: prefer - and the token on stdin.
A token that is bound to a key (DPoP, mutual TLS) is rejected with proof_required: only its client can prove possession.

Exit codes: 0 accepted, 1 rejected, 2 the plan is wrong or a secret is not set, 3 the issuers' keys or the denylist
cannot be reached.

  crossfade inspect - < token.txt
`;

export const inspect: VerbDefinition = {
  name: 'inspect',
  summary: 'judge one access token on each side, with every reason',
  help: HELP,
  options: {},
  argument: 'token|-',
  load: () => import('../verbs/inspect.ts'),
};
