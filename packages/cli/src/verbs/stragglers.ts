import { describeMoment, describeReasons, formatDuration, formatInstant } from '@crossfade/core';
import { listSidecars } from '../fleet/list-sidecars.ts';
import { gatherStragglers, type Straggler } from '../fleet/stragglers.ts';
import type { StragglerJson } from '../json/evidence-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

/** How many clients are listed: as many as one sidecar remembers. */
const MAX_CLIENTS = 500;
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
  const listed = list.stragglers.slice(0, MAX_CLIENTS);
  report.print(report.style('bold', `${plan.migration}: ${clients} with tokens that a close turns away`));
  for (const straggler of listed) report.field('client', describe(straggler, now()));
  if (count > listed.length)
    report.field('truncated', `${count - listed.length} more were seen before these, and are not listed`, 'yellow');
  if (list.isTruncated) report.field('truncated', 'a sidecar has seen more clients than it remembers', 'yellow');
  const known = urls.length;
  const responded = known - list.missing.length;
  const isWhole = responded === known && known > 0;
  report.field('asked', describeAsked(known, list.asked, responded), ...(isWhole ? [] : (['yellow'] as const)));
  const missing = list.missing.slice(0, MAX_NAMED);
  for (const { meter, why } of missing) report.field('missing', `${meter}: ${why}`, 'yellow');
  if (list.missing.length > missing.length)
    report.field('missing', `and ${list.missing.length - missing.length} more`, 'yellow');
  if (!isWhole) report.field('read on', 'crossfade runbook sidecar-down');
  return {
    exitCode: isWhole ? EXIT.done : EXIT.inconclusive,
    json: {
      migration: plan.migration,
      clients: listed.map(toJson),
      clientCount: count,
      truncated: list.isTruncated || count > listed.length,
      known,
      asked: list.asked,
      responded,
      partial: responded < known,
      missing,
    },
  };
}

function describeAsked(known: number, asked: number, responded: number): string {
  if (asked === known) return `${responded} of ${known} sidecars responded`;
  const silent = asked - responded;
  return `${asked} of ${known} sidecars: ${responded} responded, ${silent} did not, ${known - asked} had no turn within 30 seconds`;
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
