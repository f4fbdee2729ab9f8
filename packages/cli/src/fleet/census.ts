import { UnavailableError } from '@crossfade/core';
import { censusSchema } from '@crossfade/core/status';
import type { z } from 'zod';
import { displayUrl } from '../verb/http-json.ts';
import type { MissingMeter } from './fleet.ts';
import { askEach } from './list-sidecars.ts';
import { readSidecar, type SidecarAccess } from './read-sidecar.ts';

/** Alike tokens, over all sidecars. Its texts come from unverified tokens; they are safe to print. */
export interface CensusRow {
  /** `null` where the tokens name none. */
  readonly issuer: string | null;
  readonly audiences: readonly string[];
  readonly clientId: string | null;
  readonly kind: string;
  readonly signature: string;
  readonly count: number;
  readonly maxBytes: number;
  readonly firstSeenMs: number | null;
  readonly lastSeenMs: number | null;
}

export interface Census {
  /** Most frequent first. */
  readonly rows: readonly CensusRow[];
  /** Whether a sidecar has seen more than it lists. */
  readonly isTruncated: boolean;
  readonly missing: readonly MissingMeter[];
}

/** Merges the census of every sidecar into one. */
export async function gatherCensus(adminUrls: readonly string[], access: SidecarAccess): Promise<Census> {
  const merged = new Map<string, CensusRow>();
  const missing: MissingMeter[] = [];
  let isTruncated = false;
  const notAsked = (url: string) => ({ meter: displayUrl(url), why: 'was not asked: the others took too long' });
  for (const result of await askEach(adminUrls, (url) => readCensus(url, access), notAsked)) {
    if ('why' in result) {
      missing.push(result);
      continue;
    }
    isTruncated ||= result.truncated;
    for (const row of result.rows.map(printable)) {
      const name = JSON.stringify([row.issuer, row.audiences.toSorted(), row.clientId, row.kind, row.signature]);
      merged.set(name, add(merged.get(name), row));
    }
  }
  return { rows: [...merged.values()].sort((one, other) => other.count - one.count), isTruncated, missing };
}

async function readCensus(url: string, access: SidecarAccess): Promise<z.infer<typeof censusSchema> | MissingMeter> {
  try {
    const parsed = censusSchema.safeParse((await readSidecar(url, '/census', access)).body);
    return parsed.success ? parsed.data : { meter: displayUrl(url), why: 'did not return a census' };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { meter: displayUrl(url), why: error.message };
  }
}

/** Whatever a terminal would obey: an older or another program may have sent it. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function printable({ firstSeenAt, lastSeenAt, ...row }: z.infer<typeof censusSchema>['rows'][number]): CensusRow {
  const clean = (text: string) => text.replace(UNSAFE, '\uFFFD');
  return {
    issuer: row.issuer === null ? null : clean(row.issuer),
    audiences: row.audiences.map(clean),
    clientId: row.clientId === null ? null : clean(row.clientId),
    kind: clean(row.kind),
    signature: clean(row.signature),
    count: row.count,
    maxBytes: row.maxBytes,
    firstSeenMs: firstSeenAt,
    lastSeenMs: lastSeenAt,
  };
}

function add(known: CensusRow | undefined, row: CensusRow): CensusRow {
  if (known === undefined) return row;
  return {
    ...known,
    count: known.count + row.count,
    maxBytes: Math.max(known.maxBytes, row.maxBytes),
    firstSeenMs: first(known.firstSeenMs, row.firstSeenMs, Math.min),
    lastSeenMs: first(known.lastSeenMs, row.lastSeenMs, Math.max),
  };
}

function first(one: number | null, other: number | null, choose: (...times: number[]) => number): number | null {
  return one === null || other === null ? (one ?? other) : choose(one, other);
}
