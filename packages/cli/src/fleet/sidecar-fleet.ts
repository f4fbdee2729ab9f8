import { UnavailableError } from '@crossfade/core';
import { displayUrl } from '../verb/http-json.ts';
import type { Fleet, MeterReading, MissingMeter } from './fleet.ts';
import { readSidecarStatus } from './sidecar-status.ts';

/** The sidecars that a plan lists. Each listed one is expected; one that does not respond is missing. */
export function createSidecarFleet(adminUrls: readonly string[], migration: string, signal: AbortSignal): Fleet {
  const urls = [...new Set(adminUrls)];
  return {
    source: urls.length === 1 ? 'the sidecar' : `${urls.length} sidecars`,
    lagMs: 0,
    async read(nowMs) {
      const results = await Promise.all(urls.map((url) => readMeter(url, migration, nowMs, signal)));
      return {
        expected: urls.length,
        readings: results.filter((result) => 'evidence' in result),
        missing: results.filter((result) => 'why' in result),
      };
    },
  };
}

async function readMeter(
  url: string,
  migration: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<MeterReading | MissingMeter> {
  try {
    return await readSidecarStatus(url, migration, nowMs, signal);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { meter: displayUrl(url), why: error.message };
  }
}
