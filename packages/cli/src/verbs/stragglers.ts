import { describeMoment, describeReasons, formatDuration, formatInstant } from '@crossfade/core';
import { partialNote, requireSidecarUrls } from '../fleet/open-fleet.ts';
import { gatherStragglers, type Straggler } from '../fleet/stragglers.ts';
import { EXIT } from '../verb/exit-code.ts';
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
  async run({ plan: readPlan, report, now, env, signal }) {
    const plan = await readPlan();
    const list = await gatherStragglers(requireSidecarUrls(plan), { env, signal });
    const count = list.stragglers.length;
    const clients = count === 1 ? '1 client comes' : `${count} clients come`;
    report.print(report.style('bold', `${plan.migration}: ${clients} with tokens that a close turns away`));
    for (const straggler of list.stragglers) report.field('client', describe(straggler, now()));
    if (list.isTruncated) report.field('truncated', 'a sidecar has seen more clients than it remembers', 'yellow');
    const partial = partialNote(plan);
    if (partial !== undefined) report.field('partial', partial, 'yellow');
    for (const { meter, why } of list.missing) report.field('missing', `${meter}: ${why}`, 'yellow');
    return {
      exitCode: list.missing.length === 0 ? EXIT.done : EXIT.inconclusive,
      json: {
        migration: plan.migration,
        clients: list.stragglers.map(toJson),
        truncated: list.isTruncated,
        partial: partial !== undefined,
        missing: list.missing,
      },
    };
  },
};

function describe(straggler: Straggler, nowMs: number): string {
  const { clientId, accepted, rejected, reasons, lastSeenMs, latestExpiryMs, stillMinting, openConnections } =
    straggler;
  return [
    clientId ?? '(tokens without a client id)',
    `${accepted} ${accepted === 1 ? 'request' : 'requests'} accepted`,
    ...(rejected === 0 ? [] : [`${rejected} rejected`]),
    ...(Object.keys(reasons).length === 0 ? [] : [`why: ${describeReasons(reasons)}`]),
    ...(lastSeenMs === null ? [] : [`last ${formatDuration(nowMs - lastSeenMs)} ago`]),
    ...(latestExpiryMs === null ? [] : [`newest token valid until ${describeMoment(latestExpiryMs, nowMs)}`]),
    stillMinting ? 'still gets new tokens' : 'gets no new tokens',
    ...(openConnections === 0
      ? []
      : [`${openConnections} open ${openConnections === 1 ? 'connection' : 'connections'}`]),
  ].join('; ');
}

function toJson({ lastSeenMs, latestIssuedMs, latestExpiryMs, ...client }: Straggler): Record<string, unknown> {
  return {
    ...client,
    lastSeenAt: formatInstant(lastSeenMs),
    latestIssuedAt: formatInstant(latestIssuedMs),
    latestExpiryAt: formatInstant(latestExpiryMs),
  };
}
