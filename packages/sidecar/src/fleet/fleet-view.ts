import {
  type FlagSource,
  isBearerToken,
  type ObservationPlan,
  type SidecarPlan,
  UnavailableError,
} from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { FleetShown } from '../page/fleet-state.ts';
import { type InstanceReading, parseInstanceStatus, readingOfStatus } from './instance-reading.ts';
import { createPrometheusInstances } from './prometheus-instances.ts';
import { createRecentMix } from './recent-mix.ts';
import { type FleetRead, showFleet } from './show-fleet.ts';
import { createSidecarList, type InstanceReader } from './sidecar-list.ts';

export interface FleetViewParts {
  readonly plan: Pick<ObservationPlan, 'migration' | 'gate'>;
  readonly settings: Pick<SidecarPlan, 'admin'>;
  readonly flags: Pick<FlagSource, 'snapshot'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly status: () => SidecarStatus;
  readonly now: () => number;
}

/** The fleet as the page at `/` shows it. It is read while a page is open, at most every few seconds for all pages. */
export interface FleetView {
  /** Returns the last reading, or a new one if it is due. */
  read(): Promise<FleetShown>;
  /** Begins a reading if one is due. */
  refresh(): void;
  /** The last reading; `undefined` before the first one. */
  latest(): FleetShown | undefined;
  /** Ends a reading in progress. */
  close(): void;
}

const EVERY_MS = 5000;
/** A reading takes at most this share of the time. */
const SHARE_OF_TIME = 1 / 5;

export function createFleetView(parts: FleetViewParts): FleetView {
  const readFleet = fleetReader(parts);
  const closing = new AbortController();
  let latest: FleetShown | undefined;
  let running: Promise<FleetShown> | undefined;
  let dueMs = Number.NEGATIVE_INFINITY;

  const start = async (): Promise<FleetShown> => {
    const startedMs = performance.now();
    try {
      latest = await readFleet(closing.signal);
      return latest;
    } finally {
      const tookMs = performance.now() - startedMs;
      dueMs = startedMs + Math.max(EVERY_MS, tookMs / SHARE_OF_TIME);
      running = undefined;
    }
  };
  const read = (): Promise<FleetShown> => {
    if (latest !== undefined && (closing.signal.aborted || performance.now() < dueMs)) return Promise.resolve(latest);
    running ??= start();
    return running;
  };
  return {
    read,
    refresh() {
      // An error of this view must not end the process that serves the API: `/fleet` responds with it.
      read().catch(() => undefined);
    },
    latest: () => latest,
    close: () => closing.abort(),
  };
}

/** Returns what reads the fleet that the plan names; this sidecar alone where it names none, or it cannot be read. */
function fleetReader(parts: FleetViewParts): (signal: AbortSignal) => Promise<FleetShown> {
  const { now, status } = parts;
  const { source, reader } = sourceOf(parts);
  const recent = createRecentMix();
  const alone = (): readonly InstanceReading[] => {
    const parsed = parseInstanceStatus(status());
    if (parsed === undefined) return [];
    return [recent.narrow(readingOfStatus(parsed, { name: 'this sidecar', pageUrl: null, nowMs: now() }), now())];
  };
  const read = async (signal: AbortSignal): Promise<FleetRead> => {
    if (reader === undefined) return { source, problem: null, expected: null, instances: alone() };
    try {
      return { source, problem: null, ...(await reader.read(signal, now())) };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      return { source, problem: error.message, expected: null, instances: alone() };
    }
  };
  return async (signal) => showFleet(await read(signal), status().process, now());
}

function sourceOf({ plan, settings, flags, environment }: FleetViewParts): {
  source: FleetShown['source'];
  reader?: InstanceReader;
} {
  const { migration, gate } = plan;
  if (gate.prometheus !== undefined) {
    const lacking = NOT_ASKED_WITH.filter((setting) => gate.prometheus?.[setting] !== undefined);
    if (lacking.length > 0) return { source: 'prometheus', reader: refuseToRead(lacking) };
    const adminPort = /:(\d+)$/.exec(settings.admin)?.[1];
    const place = { url: gate.prometheus.url, silenceMs: gate.silenceMs, adminPort };
    return {
      source: 'prometheus',
      reader: createPrometheusInstances({ ...place, migration, flags: () => flags.snapshot() }),
    };
  }
  if (gate.sidecars === undefined) return { source: 'alone' };
  const token = fleetToken(environment);
  return { source: 'sidecars', reader: createSidecarList({ urls: gate.sidecars, migration, token }) };
}

/** What a page has no business with: the CLI alone asks a Prometheus that wants to know who asks. */
const NOT_ASKED_WITH = ['headers', 'basic', 'bearerTokenFile', 'sigv4', 'ca'] as const;

function refuseToRead(lacking: readonly string[]): InstanceReader {
  const message = `is asked by the CLI alone, as gate.prometheus has ${lacking.join(', ')}: see crossfade status`;
  return { read: () => Promise.reject(new UnavailableError(message)) };
}

/** The secret that opens the metrics ports of the others: the one that the CLI has, else this sidecar's own. */
function fleetToken(environment: FleetViewParts['environment']): string | undefined {
  const token = environment['CROSSFADE_READ_TOKEN'] || environment['CROSSFADE_SIDECAR_READ_TOKEN'];
  return token !== undefined && isBearerToken(token) ? token : undefined;
}
