import { UnavailableError } from '@crossfade/core';
import { type InstanceReading, parseInstanceStatus, readingOfStatus, unknownInstance } from './instance-reading.ts';
import type { WholeFleet } from './large-fleet.ts';
import { readJson } from './read-json.ts';
import { createRecentMix } from './recent-mix.ts';

export interface SidecarListParts {
  /** `gate.sidecars`: the metrics URL of each one, or its admin URL where this sidecar reaches that. */
  readonly urls: readonly string[];
  readonly migration: string;
  /** The read token of their metrics ports. */
  readonly token: string | undefined;
  /** How long one may take; 2 s by default. */
  readonly eachMs?: number;
  /** After how long no further one is asked; 10 s by default. */
  readonly allMs?: number;
}

export interface FleetInstances {
  readonly instances: readonly InstanceReading[];
  readonly expected: number | null;
  /** Of a fleet that is too large to read each: `instances` are then those that need attention. */
  readonly whole?: WholeFleet;
}

/** Reads the instances of a fleet. */
export interface InstanceReader {
  /** @throws `UnavailableError` when none can be read for one reason. */
  read(signal: AbortSignal, nowMs: number): Promise<FleetInstances>;
}

const AT_ONCE = 16;
const EACH_MS = 2000;
const ALL_MS = 10_000;
/** A `/status` has about 5 kB. */
const MAX_BYTES = 262_144;

/** Reads `/status` of each listed sidecar. One that does not respond keeps what it told last. */
export function createSidecarList({
  urls,
  migration,
  token,
  eachMs = EACH_MS,
  allMs = ALL_MS,
}: SidecarListParts): InstanceReader {
  const distinct = [...new Set(urls.map((url) => new URL(url).href.replace(/\/+$/, '')))];
  /** Where the next reading begins: with those that the last one had no time for. */
  let first = 0;
  const told = new Map<string, InstanceReading>();
  const recent = createRecentMix();

  const ask = async (url: string, signal: AbortSignal, nowMs: number): Promise<InstanceReading> => {
    const request = { bearer: token, timeoutMs: eachMs, maxBytes: MAX_BYTES, signal };
    const { body, link } = await readJson(`${url}/status`, request);
    const status = parseInstanceStatus(body);
    if (status === undefined) throw new UnavailableError('did not return a sidecar status');
    if (status.migration !== migration) throw new UnavailableError('belongs to another migration');
    const pageUrl = link?.includes('rel="alternate"') === true ? pageOf(url) : null;
    return recent.narrow(readingOfStatus(status, { name: new URL(url).host, pageUrl, nowMs }), nowMs);
  };
  const read = async (url: string, signal: AbortSignal, nowMs: number): Promise<InstanceReading> => {
    try {
      const reading = await ask(url, signal, nowMs);
      told.set(url, reading);
      return reading;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      return silent(url, error.message);
    }
  };
  const silent = (url: string, problem: string): InstanceReading => {
    const last = told.get(url);
    return last === undefined ? unknownInstance(new URL(url).host, problem) : { ...last, problem };
  };

  return {
    async read(signal, nowMs) {
      const startedMs = performance.now();
      const results: InstanceReading[] = [];
      const start = first;
      let next = 0;
      let asked = 0;
      const work = async () => {
        for (let turn = next++; turn < distinct.length; turn = next++) {
          const index = (start + turn) % distinct.length;
          const url = distinct[index] as string;
          const isLate = performance.now() - startedMs > allMs;
          if (!isLate) asked += 1;
          results[index] = isLate
            ? silent(url, 'was not asked: the others took too long')
            : await read(url, signal, nowMs);
        }
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, distinct.length) }, work));
      first = (start + asked) % distinct.length;
      return { instances: eachOnce(results), expected: distinct.length };
    },
  };
}

/** Without credentials. */
function pageOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/*$/, '/')}`;
}

/** Two URLs may reach one sidecar: it proves nothing about the instance that the second one stands for. */
function eachOnce(readings: readonly InstanceReading[]): readonly InstanceReading[] {
  const firsts = new Map<string, string>();
  return readings.map((reading) => {
    const { process, name, problem } = reading;
    if (process === null || problem !== null) return reading;
    const first = firsts.get(process);
    if (first !== undefined) return unknownInstance(name, `is the same sidecar as ${first}: list each sidecar once`);
    firsts.set(process, name);
    return reading;
  });
}
