import { UnavailableError } from '@crossfade/core';
import { stragglerListSchema } from '@crossfade/core/status';
import type { z } from 'zod';
import { displayUrl, getJson } from '../verb/http-json.ts';
import type { MissingMeter } from './fleet.ts';

/** A client that still comes with legacy tokens. Times are ms. */
export interface Straggler {
  /** `null` for tokens that name no client. */
  readonly clientId: string | null;
  readonly accepted: number;
  readonly lastSeenMs: number | null;
  readonly latestIssuedMs: number | null;
  readonly latestExpiryMs: number | null;
  /** It still gets new legacy tokens, and does not only use up old ones. */
  readonly stillMinting: boolean;
}

export interface StragglerList {
  /** The one seen last comes first. */
  readonly stragglers: readonly Straggler[];
  /** A sidecar had seen more clients than it remembers. */
  readonly isTruncated: boolean;
  readonly missing: readonly MissingMeter[];
}

/** Asks every sidecar for its stragglers, and makes one list of them. */
export async function gatherStragglers(adminUrls: readonly string[], signal: AbortSignal): Promise<StragglerList> {
  const merged = new Map<string | null, Straggler>();
  const missing: MissingMeter[] = [];
  let isTruncated = false;
  for (const answer of await Promise.all(adminUrls.map((url) => ask(url, signal)))) {
    if ('why' in answer) {
      missing.push(answer);
      continue;
    }
    isTruncated ||= answer.truncated;
    for (const { lastSeenAt, latestIssuedAt, latestExpiryAt, ...client } of answer.clients) {
      const straggler = {
        ...client,
        lastSeenMs: lastSeenAt,
        latestIssuedMs: latestIssuedAt,
        latestExpiryMs: latestExpiryAt,
      };
      merged.set(client.clientId, merge(merged.get(client.clientId), straggler));
    }
  }
  const stragglers = [...merged.values()].sort((one, other) => (other.lastSeenMs ?? 0) - (one.lastSeenMs ?? 0));
  return { stragglers, isTruncated, missing };
}

async function ask(url: string, signal: AbortSignal): Promise<z.infer<typeof stragglerListSchema> | MissingMeter> {
  try {
    const parsed = stragglerListSchema.safeParse((await getJson(`${url.replace(/\/$/, '')}/stragglers`, signal)).body);
    return parsed.success ? parsed.data : { meter: displayUrl(url), why: 'answered no list of stragglers' };
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
    lastSeenMs: later(known.lastSeenMs, straggler.lastSeenMs),
    latestIssuedMs: later(known.latestIssuedMs, straggler.latestIssuedMs),
    latestExpiryMs: later(known.latestExpiryMs, straggler.latestExpiryMs),
    stillMinting: known.stillMinting || straggler.stillMinting,
  };
}

function later(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
