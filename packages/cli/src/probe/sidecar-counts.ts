import { setTimeout as delay } from 'node:timers/promises';
import { AUDIENCE_CLASSES, type AudienceClass, UnavailableError } from '@crossfade/core';
import { sidecarStatusSchema } from '@crossfade/core/status';
import { z } from 'zod';
import type { MissingMeter } from '../fleet/fleet.ts';
import { readSidecar, type SidecarAccess } from '../fleet/read-sidecar.ts';
import { displayUrl } from '../verb/http-json.ts';

const statusSchema = z.object({ audiences: sidecarStatusSchema.shape.audiences });

/** How many requests all sidecars have counted by class, and which of them could not be asked. */
export interface SidecarCounts {
  readonly requests: Readonly<Record<AudienceClass, number>>;
  readonly missing: readonly MissingMeter[];
}

export async function readSidecarCounts(urls: readonly string[], access: SidecarAccess): Promise<SidecarCounts> {
  const requests = Object.fromEntries(AUDIENCE_CLASSES.map((name) => [name, 0])) as Record<AudienceClass, number>;
  const missing: MissingMeter[] = [];
  for (const result of await Promise.all(urls.map((url) => readOne(url, access)))) {
    if ('why' in result) missing.push(result);
    else for (const name of AUDIENCE_CLASSES) requests[name] += result[name].accepted + result[name].rejected;
  }
  return { requests, missing };
}

async function readOne(url: string, access: SidecarAccess) {
  try {
    const parsed = statusSchema.safeParse((await readSidecar(url, '/status', access)).body);
    return parsed.success ? parsed.data.audiences : { meter: displayUrl(url), why: 'did not return a sidecar status' };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { meter: displayUrl(url), why: error.message };
  }
}

const POLL_MS = 200;
const LONGEST_MS = 4000;

/** Requests that the sidecars should have counted and did not, by class. Other traffic may hide some, never add one. */
export type Uncounted = Readonly<Partial<Record<AudienceClass, number>>>;

/** Reads the sidecars until they have counted `sent`, for at most 4 s: an observing one judges beside the request. */
export async function findUncounted(
  urls: readonly string[],
  before: SidecarCounts,
  sent: Readonly<Partial<Record<AudienceClass, number>>>,
  access: SidecarAccess,
): Promise<{ readonly uncounted: Uncounted; readonly withoutToken: number }> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const { requests } = await readSidecarCounts(urls, access);
    const grown = (name: AudienceClass) => requests[name] - before.requests[name];
    const uncounted = Object.fromEntries(
      AUDIENCE_CLASSES.flatMap((name) => {
        const lacking = (sent[name] ?? 0) - grown(name);
        return lacking > 0 ? [[name, lacking]] : [];
      }),
    ) as Uncounted;
    if (Object.keys(uncounted).length === 0 || waitedMs >= LONGEST_MS)
      return { uncounted, withoutToken: grown('none') - (sent.none ?? 0) };
    await delay(POLL_MS, undefined, { signal: access.signal });
  }
}
