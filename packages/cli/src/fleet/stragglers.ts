import { UnavailableError } from '@crossfade/core';
import { stragglerListSchema } from '@crossfade/core/status';
import type { z } from 'zod';
import { displayUrl } from '../verb/http-json.ts';
import type { MissingMeter } from './fleet.ts';
import { askEach } from './list-sidecars.ts';
import { readSidecar, type SidecarAccess } from './read-sidecar.ts';

/** A client with legacy tokens, or with tokens that a close turns away. Times are epoch ms. */
export interface Straggler {
  /** `null` for tokens without a client id. */
  readonly clientId: string | null;
  readonly accepted: number;
  readonly rejected: number;
  /** Why it is listed, and how often: rejection reasons, `bridge`, `after_close`. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly lastSeenMs: number | null;
  readonly latestIssuedMs: number | null;
  readonly latestExpiryMs: number | null;
  /** Whether it still gets new legacy tokens. */
  readonly stillMinting: boolean;
  /** Connections that its legacy and bridge tokens opened and that are still open. */
  readonly openConnections: number;
}

export interface StragglerList {
  /** Most recent first. */
  readonly stragglers: readonly Straggler[];
  /** Whether a sidecar has seen more clients than it remembers. */
  readonly isTruncated: boolean;
  /** How many sidecars were asked; the others had no turn in time. */
  readonly asked: number;
  /** The sidecars that were not asked, or did not respond. */
  readonly missing: readonly MissingMeter[];
}

/** Merges the stragglers of every sidecar into one list, each as it responds: the lists are not kept. */
export async function gatherStragglers(adminUrls: readonly string[], access: SidecarAccess): Promise<StragglerList> {
  const merged = new Map<string | null, Straggler>();
  let isTruncated = false;
  const take = ({ clients, truncated }: z.infer<typeof stragglerListSchema>) => {
    isTruncated ||= truncated;
    for (const { lastSeenAt, latestIssuedAt, latestExpiryAt, ...client } of clients) {
      const straggler = {
        ...client,
        lastSeenMs: lastSeenAt,
        latestIssuedMs: latestIssuedAt,
        latestExpiryMs: latestExpiryAt,
      };
      merged.set(client.clientId, merge(merged.get(client.clientId), straggler));
    }
  };
  const ask = async (url: string): Promise<MissingMeter | null> => {
    const result = await readStragglers(url, access);
    if ('why' in result) return result;
    take(result);
    return null;
  };
  let asked = adminUrls.length;
  const notAsked = (url: string): MissingMeter => {
    asked -= 1;
    return { meter: displayUrl(url), why: 'was not asked: the others took too long' };
  };
  const missing = (await askEach(adminUrls, ask, notAsked)).filter((result) => result !== null);
  return { stragglers: [...merged.values()].sort(byLastSeen), isTruncated, asked, missing };
}

/** Most recent first; those of one moment by their ids, since sidecars respond in any order. */
function byLastSeen(one: Straggler, other: Straggler): number {
  const later = (other.lastSeenMs ?? 0) - (one.lastSeenMs ?? 0);
  return later === 0 ? (one.clientId ?? '').localeCompare(other.clientId ?? '') : later;
}

async function readStragglers(
  url: string,
  access: SidecarAccess,
): Promise<z.infer<typeof stragglerListSchema> | MissingMeter> {
  try {
    const parsed = stragglerListSchema.safeParse((await readSidecar(url, '/stragglers', access)).body);
    return parsed.success ? parsed.data : { meter: displayUrl(url), why: 'did not return a list of stragglers' };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { meter: displayUrl(url), why: error.message };
  }
}

function merge(known: Straggler | undefined, straggler: Straggler): Straggler {
  if (known === undefined) return straggler;
  return {
    clientId: known.clientId,
    accepted: known.accepted + straggler.accepted,
    rejected: known.rejected + straggler.rejected,
    reasons: addReasons(known.reasons, straggler.reasons),
    lastSeenMs: later(known.lastSeenMs, straggler.lastSeenMs),
    latestIssuedMs: later(known.latestIssuedMs, straggler.latestIssuedMs),
    latestExpiryMs: later(known.latestExpiryMs, straggler.latestExpiryMs),
    stillMinting: known.stillMinting || straggler.stillMinting,
    openConnections: known.openConnections + straggler.openConnections,
  };
}

function addReasons(one: Straggler['reasons'], other: Straggler['reasons']): Straggler['reasons'] {
  const sum: Record<string, number> = { ...one };
  for (const [reason, count] of Object.entries(other)) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}

function later(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
