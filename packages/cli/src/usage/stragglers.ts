import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade stragglers [--config crossfade.yaml] [--json]

Lists the OAuth clients that a close would turn away, most recent first: those with legacy tokens, those whose tokens
carry both audiences, and those whose tokens the plan refuses, each with why: a rejection reason, bridge (both audiences,
accepted after a close), or after_close (both audiences, refused after a close). Shows the number
of requests, the last one, the expiry of the newest token, whether they still get new ones, and how many connections that
they opened with such tokens are still open (WebSocket, gRPC and event streams, which a close does not end). Clients that a
close has turned away are listed, too. A sidecar remembers a bounded number of clients; one leaves the list when its last
token has expired and gate.silence has passed.

Asks every sidecar: with gate.prometheus each instance that it scrapes, at the port that it scrapes, which
CROSSFADE_READ_TOKEN opens (the sidecars' CROSSFADE_SIDECAR_READ_TOKEN); else those of gate.sidecars, or the plan's own.
At most 16 at once, each for up to 5 seconds, and none after 30 seconds. Says how many there are, how many were asked, and how
many responded. Lists the 500 clients seen last and 20 of the sidecars without a response; --json, too, with the number of all
clients as clientCount and truncated: true where clients are left out.

Exit codes: 0 every sidecar responded, 3 Prometheus cannot be reached, 4 a sidecar did not respond, or none is known: the
list may be incomplete.

  crossfade stragglers
  crossfade stragglers --json | jq -r '.clients[] | select(.stillMinting) | .clientId'
`;

export const stragglers: VerbDefinition = {
  name: 'stragglers',
  summary: 'list the clients that a close would turn away',
  help: HELP,
  options: {},
  load: () => import('../verbs/stragglers.ts'),
};
