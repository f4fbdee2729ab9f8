import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade census [--config crossfade.yaml] [--json]

Lists which tokens really arrive: issuers, audiences, clients, kinds and sizes, by what the tokens say of themselves. While
the plan has no legacy block, proposes one. Asks every sidecar that the plan names; an observing sidecar needs neither
legacy nor target. Where the plan has both, the census lists only tokens that it refuses. Changes nothing.

With gate.prometheus it asks each instance that Prometheus scrapes, at the port that it scrapes, which CROSSFADE_READ_TOKEN
opens (the sidecars' CROSSFADE_SIDECAR_READ_TOKEN), and says how many responded.

Signatures are unchecked where it says so: anyone can have sent such a token. Compare the proposal with the issuer's own
settings before you use it.

Exit codes: 0 every sidecar that was asked responded, 3 Prometheus cannot be reached, 4 a sidecar did not respond, none is known,
or there is nothing to propose yet.

  crossfade census
  crossfade census --json | jq -r .proposal.yaml
`;

export const census: VerbDefinition = {
  name: 'census',
  summary: 'list which tokens arrive, and propose what legacy is',
  help: HELP,
  options: {},
  load: () => import('../verbs/census.ts'),
};
