import { UnavailableError } from '@crossfade/core';
import { displayUrl } from '../verb/http-json.ts';
import type { Fleet, MeterReading, MissingMeter } from './fleet.ts';
import { sumOpenConnections } from './open-connections.ts';
import type { SidecarAccess } from './read-sidecar.ts';
import { readSidecarStatus } from './sidecar-status.ts';

/**
 * The sidecars that a plan lists. Each listed one is expected; one that does not respond is missing, and so is one that a
 * URL before it reached: it proves nothing about the instance that its URL stands for.
 */
export function createSidecarFleet(adminUrls: readonly string[], migration: string, access: SidecarAccess): Fleet {
  const urls = distinctUrls(adminUrls);
  return {
    source: urls.length === 1 ? 'the sidecar' : `${urls.length} sidecars`,
    lagMs: 0,
    async read(nowMs) {
      const results = eachOnce(await Promise.all(urls.map((url) => readMeter(url, migration, nowMs, access))));
      const readings = results.filter((result) => 'evidence' in result);
      return {
        expected: urls.length,
        readings,
        openConnections: sumOpenConnections(readings),
        drain: { kind: 'metered', meters: readings.map(({ evidence }) => evidence) },
        missing: results.filter((result) => 'why' in result),
        silent: [],
      };
    },
    minting: async () => ({ kind: 'unseen' }),
  };
}

/** Each admin URL once, however it is spelt, without a trailing slash. */
export function distinctUrls(urls: readonly string[]): readonly string[] {
  return [...new Set(urls.map((url) => new URL(url).href.replace(/\/+$/, '')))];
}

/** Two URLs may reach one sidecar: by name and by address, or through a load balancer. */
function eachOnce(results: readonly (MeterReading | MissingMeter)[]): readonly (MeterReading | MissingMeter)[] {
  const firsts = new Map<string, string>();
  return results.map((result) => {
    if ('why' in result || result.process === undefined) return result;
    const { meter } = result.evidence;
    const first = firsts.get(result.process);
    if (first !== undefined) return { meter, why: `is the same sidecar as ${first}: list each sidecar once` };
    firsts.set(result.process, meter);
    return result;
  });
}

async function readMeter(
  url: string,
  migration: string,
  nowMs: number,
  access: SidecarAccess,
): Promise<MeterReading | MissingMeter> {
  try {
    return await readSidecarStatus(url, migration, nowMs, access);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { meter: displayUrl(url), why: error.message };
  }
}
