import type { MigrationPlan } from '@crossfade/core';
import { partialNote, requireSidecarUrls } from '../fleet/open-fleet.ts';
import type { SidecarAccess } from '../fleet/read-sidecar.ts';
import { displayUrl } from '../verb/http-json.ts';
import { judgeApi, type Probe, type ProbeRow } from './api-findings.ts';
import { askApi } from './api-request.ts';
import { findUncounted, readSidecarCounts, type SidecarCounts } from './sidecar-counts.ts';
import type { VerifyOptions } from './verify-options.ts';

/** What the sidecars have seen of the requests. */
export interface SidecarView {
  readonly finding?: string;
  readonly unknown: readonly string[];
  readonly detail: string;
}

/** Sends every probe to every API, one after the other at each, and compares what the sidecars counted meanwhile. */
export async function askApis(
  plan: MigrationPlan,
  { apis, isDefaultApi, asksSidecars }: VerifyOptions,
  probes: readonly Probe[],
  { env, signal }: SidecarAccess,
): Promise<{ readonly rows: readonly ProbeRow[]; readonly view: SidecarView }> {
  const access = { env, signal };
  const isPartial = partialNote(plan) !== undefined && !isDefaultApi;
  const hasSidecars = plan.gate.sidecars !== undefined || plan.sidecar !== undefined;
  const urls = hasSidecars && asksSidecars && !isPartial ? requireSidecarUrls(plan) : [];
  const before = await readSidecarCounts(urls, access);
  const rows = await Promise.all(
    apis.map(async (url) => {
      const results: (readonly [Probe, Awaited<ReturnType<typeof askApi>>])[] = [];
      for (const probe of probes) results.push([probe, await askApi(url, probe.token, signal)]);
      return judgeApi(displayUrl(url), results);
    }),
  );
  const flat = rows.flat();
  if (urls.length === 0) {
    const why = notAsked(asksSidecars, isPartial);
    return { rows: flat, view: { unknown: [], detail: `not asked: ${why}` } };
  }
  return { rows: flat, view: await compareCounts(urls, before, countSent(flat, probes), access) };
}

function notAsked(asksSidecars: boolean, isPartial: boolean): string {
  if (!asksSidecars) return '--without-sidecars';
  return isPartial ? 'the plan names Prometheus, and only one sidecar of its own' : 'the plan names none';
}

function countSent(rows: readonly ProbeRow[], probes: readonly Probe[]): Readonly<Record<string, number>> {
  const sent: Record<string, number> = {};
  for (const { probe: name, result } of rows) {
    const audience = probes.find((probe) => probe.name === name)?.audience;
    if (audience !== undefined && result !== 'unreachable') sent[audience] = (sent[audience] ?? 0) + 1;
  }
  return sent;
}

async function compareCounts(
  urls: readonly string[],
  before: SidecarCounts,
  sent: Readonly<Record<string, number>>,
  access: SidecarAccess,
): Promise<SidecarView> {
  if (before.missing.length > 0) {
    const unknown = before.missing.map(({ meter, why }) => `what the sidecar ${meter} saw: it ${why}`);
    return { unknown, detail: 'not compared: not every sidecar responded' };
  }
  const total = Object.values(sent).reduce((sum, count) => sum + count, 0);
  if (total === 0) return { unknown: [], detail: 'not compared: no API responded' };
  const { uncounted, withoutToken } = await findUncounted(urls, before, sent, access);
  const lacking = Object.entries(uncounted).map(
    ([audience, count]) => `${count} of ${sent[audience]} with ${audience}`,
  );
  if (lacking.length === 0) return { unknown: [], detail: `counted each of ${total} requests as what it was` };
  const detail = `did not count ${lacking.join(', ')}`;
  const isStripped = Object.keys(uncounted).some((audience) => audience !== 'none') && withoutToken > 0;
  if (isStripped)
    return {
      unknown: [],
      detail,
      finding: `the sidecars ${detail}, and ${withoutToken} more without a token: a proxy in front strips Authorization`,
    };
  return {
    unknown: [`the sidecars ${detail}: requests to these URLs may not pass them, or the plan lists not all of them`],
    detail,
  };
}
