import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade gate [--wait [--timeout <t>]] [--config crossfade.yaml] [--json]

Checks whether the legacy audience can be closed without rejecting one valid token. Changes nothing.
Reads the flags and what the meters have seen: from Prometheus (gate.prometheus), from each sidecar (gate.sidecars) or
from the plan's own sidecar. Every check says what was seen and what is missing. Any doubt is inconclusive, never a pass.
A note changes no verdict: connections that legacy tokens opened (WebSocket, gRPC and event streams) outlive a close.
Nor does what the provider mints for clients that choose target: legacy tokens hold up the drain once they are used.

  --wait          ask again, every 15 seconds or more often, until the gate passes; says when something changes, and goes
                  on through an outage of the flag store or of Prometheus
  --timeout <t>   wait for at most this long, such as 45m, 12h or 3d, and exit with the verdict of then

Exit codes: 0 pass, 1 fail, 3 the flag store or Prometheus cannot be reached, 4 inconclusive.

  crossfade gate && echo "safe to close"
  crossfade gate --wait --timeout 12h
`;

export const gate: VerbDefinition = {
  name: 'gate',
  summary: 'check whether the legacy audience can be closed safely',
  help: HELP,
  options: { wait: 'boolean', timeout: 'string' },
  load: () => import('../verbs/gate.ts'),
};
