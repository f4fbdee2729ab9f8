import { UnavailableError } from '@crossfade/core';
import { displayUrl } from '../verb/http-json.ts';
import type { Fleet, MeterReading, MissingMeter } from './fleet.ts';
import { readSidecarStatus } from './sidecar-status.ts';

/** The sidecars that a plan lists, asked one by one. Each listed one is expected; one that does not answer is missing. */
export function createSidecarFleet(adminUrls: readonly string[], migration: string, signal: AbortSignal): Fleet {
  const urls = [...new Set(adminUrls)];
  return {
    place: urls.length === 1 ? 'the sidecar' : `${urls.length} sidecars`,
    lagMs: 0,
    async look(nowMs) {
      const answers = await Promise.all(urls.map((url) => ask(url, migration, nowMs, signal)));
      return {
        expected: urls.length,
        readings: answers.filter((answer) => 'evidence' in answer),
        missing: answers.filter((answer) => 'why' in answer),
      };
    },
  };
}

async function ask(
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
