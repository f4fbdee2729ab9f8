import { describeMoment, describeReasons, formatDuration, formatInstant } from '@crossfade/core';
import { listSidecars } from '../fleet/list-sidecars.ts';
import { gatherStragglers, type Straggler } from '../fleet/stragglers.ts';
import type { StragglerJson } from '../json/evidence-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

/** How many sidecars without a response are named. */
const MAX_NAMED = 20;

export async function run({
  plan: readPlan,
  report,
  now,
  env,
  signal,
}: Invocation): Promise<VerbResult<VerbJson<'stragglers'>>> {
  const plan = await readPlan();
  const urls = await listSidecars(plan, { env, signal });
  const list = await gatherStragglers(urls, { env, signal });
  const count = list.stragglers.length;
  const clients = count === 1 ? '1 client comes' : `${count} clients come`;
  report.print(report.style('bold', `${plan.migration}: ${clients} with tokens that a close turns away`));
  for (const straggler of list.stragglers) report.field('client', describe(straggler, now()));
  if (list.isTruncated) report.field('truncated', 'a sidecar has seen more clients than it remembers', 'yellow');
  const responded = urls.length - list.missing.length;
  report.field(
    'asked',
    `${responded} of ${urls.length} sidecars responded`,
    ...(responded === urls.length ? [] : (['yellow'] as const)),
  );
  for (const { meter, why } of list.missing.slice(0, MAX_NAMED)) report.field('missing', `${meter}: ${why}`, 'yellow');
  if (list.missing.length > MAX_NAMED) report.field('missing', `and ${list.missing.length - MAX_NAMED} more`, 'yellow');
  const isWhole = list.missing.length === 0 && urls.length > 0;
  if (!isWhole) report.field('read on', 'crossfade runbook sidecar-down');
  return {
    exitCode: isWhole ? EXIT.done : EXIT.inconclusive,
    json: {
      migration: plan.migration,
      clients: list.stragglers.map(toJson),
      truncated: list.isTruncated,
      asked: urls.length,
      responded,
      partial: responded < urls.length,
      missing: list.missing,
    },
  };
}

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

function toJson({ lastSeenMs, latestIssuedMs, latestExpiryMs, ...client }: Straggler): StragglerJson {
  return {
    ...client,
    lastSeenAt: formatInstant(lastSeenMs),
    latestIssuedAt: formatInstant(latestIssuedMs),
    latestExpiryAt: formatInstant(latestExpiryMs),
  };
}
