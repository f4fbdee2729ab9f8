import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade stragglers [--config crossfade.yaml] [--json]

Lists the OAuth clients that a close would turn away, most recent first: those with legacy tokens, those whose tokens
carry both audiences, and those whose tokens the plan refuses, each with why: a rejection reason, bridge (both audiences,
accepted after a close), or after_close (both audiences, refused after a close). Shows the number
of requests, the last one, the expiry of the newest token, whether they still get new ones, and how many connections that
they opened with such tokens are still open (WebSocket, gRPC and event streams, which a close does not end). Asks every sidecar that the
plan names. A sidecar remembers a bounded number of clients.

With gate.prometheus the plan names only its own sidecar: the list is partial and says so ("partial": true). Run it once for
each sidecar, with the admin address in CROSSFADE_SIDECAR_ADMIN, or give --config a copy of the plan that has gate.sidecars.

Exit codes: 0 every sidecar that was asked responded, 4 one did not: the list may be incomplete.

  crossfade stragglers
  crossfade stragglers --json | jq -r '.clients[] | select(.stillMinting) | .clientId'
  CROSSFADE_SIDECAR_ADMIN=10.0.0.7:9464 crossfade stragglers
`;

export const stragglers: VerbDefinition = {
  name: 'stragglers',
  summary: 'list the clients that a close would turn away',
  help: HELP,
  options: {},
  load: () => import('../verbs/stragglers.ts'),
};
