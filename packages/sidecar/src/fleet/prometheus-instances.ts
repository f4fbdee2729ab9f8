import {
  type AcceptedSide,
  acceptedSide,
  commandedPhase,
  type FlagSnapshot,
  formatInstant,
  lastMoveMs,
  type Phase,
  SIDES,
  type Side,
} from '@crossfade/core';
import {
  type InstantQuery,
  type InstantSample,
  instancesMatching,
  liveInstances,
  MAX_NAMED,
  METRICS,
  readFleetGroups,
} from '@crossfade/core/metrics';
import { askPrometheus } from './ask-prometheus.ts';
import { type InstanceReading, newest, unknownInstance } from './instance-reading.ts';
import { expectedInstances, groupRequest, readWholeFleet } from './large-fleet.ts';
import type { InstanceReader } from './sidecar-list.ts';

export interface PrometheusInstancesParts {
  readonly url: string;
  readonly migration: string;
  readonly silenceMs: number;
  /** The flags of this sidecar: what they command holds for every instance that holds the same ones. */
  readonly flags: () => FlagSnapshot;
  /** Where the plan has the admin port. */
  readonly adminPort: string | undefined;
}

const RECENT = '5m';
const RECENT_MS = 300_000;
/** How long an instance that is scraped no more stays in the list. */
const GONE = '15m';

type Sample = InstantSample;

/**
 * Returns the instant queries of the fleet view: PromQL by name, each with one series an instance and closed label set.
 * @param named those of a large fleet that are read one by one; all by default.
 */
export function instanceQueries(migration: string, named?: readonly string[]) {
  const only = named === undefined ? '' : `,${instancesMatching(named)}`;
  const of = (metric: { readonly name: string }, labels = '') =>
    `${metric.name}{migration="${migration}"${labels}${only}}`;
  const each = (promql: string, more = '') => `max by (job, instance${more}) (${promql})`;
  const sum = (promql: string, more = '') => `sum by (job, instance${more}) (${promql})`;
  const scraped = `timestamp(${of(METRICS.buildInfo)})`;
  // The steps of a subquery may miss an instance that lived shortly: its own clock tells, too, but for older sidecars.
  const gone = `last_over_time(${of(METRICS.clock)}[${GONE}]) or max_over_time(${scraped}[${GONE}:1m])`;
  return {
    live: named === undefined ? liveInstances(migration) : each(of(METRICS.buildInfo)),
    expected: expectedInstances(migration),
    scraped: each(`${scraped} or (${gone}) unless on (job, instance) ${scraped}`),
    accepted: sum(
      `rate(${of(METRICS.requests, ',outcome="accepted",audience=~"legacy|target|bridge"')}[${RECENT}])`,
      ', audience',
    ),
    unauthorized: sum(of(METRICS.validUnauthorized)),
    disagreements: sum(of(METRICS.disagreements)),
    lastDisagreement: each(of(METRICS.lastDisagreement)),
    responses: each(of(METRICS.apiResponse), ', audience, response'),
    accepts: each(of(METRICS.accepts), ', audience'),
    percent: each(of(METRICS.issuancePercent)),
    flags: each(of(METRICS.flagsInfo), ', revision, source, hash'),
    flagsAge: each(of(METRICS.flagsAge)),
  };
}
type QueryName = keyof ReturnType<typeof instanceQueries>;
type Results = (name: QueryName) => readonly Sample[];

/** Returns the query for instances that are scraped no more; of a large fleet the first {@link MAX_NAMED}. */
function goneQueries(migration: string) {
  const of = (metric: { readonly name: string }) => `${metric.name}{migration="${migration}"}`;
  const gone = `last_over_time(${of(METRICS.clock)}[${GONE}]) unless on (job, instance) ${of(METRICS.buildInfo)}`;
  return { gone: `topk(${MAX_NAMED}, max by (job, instance) (${gone}))`, count: `count(${gone})` };
}

/**
 * Reads the instances that Prometheus scrapes, or scraped lately. Of a large fleet it reads groups that are alike, and only
 * those that need attention one by one.
 */
export function createPrometheusInstances(parts: PrometheusInstancesParts): InstanceReader {
  const { url, migration, silenceMs } = parts;
  return {
    async read(signal, nowMs) {
      const ask: InstantQuery = (promql) => askPrometheus(url, promql, signal);
      const stand = { migration, silenceMs, snapshot: parts.flags(), nowMs };
      const { groups, named } = await readFleetGroups(ask, groupRequest(stand));
      if (groups === null) {
        const found = await runQueries(ask, instanceQueries(migration));
        return { instances: readingsOf(found, parts, nowMs), expected: found.get('expected')?.[0]?.value ?? null };
      }
      const past = goneQueries(migration);
      const [gone, [count]] = await Promise.all([ask(past.gone), ask(past.count)]);
      const names = [...named, ...gone.map(({ labels }) => labels['instance'] ?? '')].slice(0, MAX_NAMED);
      const [found, read] = await Promise.all([
        names.length === 0 ? new Map() : runQueries(ask, instanceQueries(migration, names)),
        readWholeFleet(ask, groups, count?.value ?? 0, stand),
      ]);
      return { instances: readingsOf(found, parts, nowMs), ...read };
    },
  };
}

type Found = ReadonlyMap<QueryName, readonly Sample[]>;

async function runQueries(ask: InstantQuery, queries: Readonly<Record<QueryName, string>>): Promise<Found> {
  const found = new Map<QueryName, readonly Sample[]>();
  const run = async ([name, promql]: [QueryName, string]) => found.set(name, await ask(promql));
  await Promise.all((Object.entries(queries) as [QueryName, string][]).map(run));
  return found;
}

function readingsOf(found: Found, parts: PrometheusInstancesParts, nowMs: number): readonly InstanceReading[] {
  const ofInstance = groupByInstance(found);
  const instances = (found.get('scraped') ?? []).map(({ labels }) => {
    const own = ofInstance.get(instanceKey(labels));
    const name = labels['instance'] ?? 'an instance without a label';
    return toReading(name, (query) => own?.get(query) ?? [], parts, nowMs);
  });
  return eachOnce(instances);
}

function instanceKey({ job, instance }: Sample['labels']): string {
  return JSON.stringify([job, instance]);
}

/** Sorts the samples by instance. */
function groupByInstance(found: Found): Map<string, Map<QueryName, Sample[]>> {
  const groups = new Map<string, Map<QueryName, Sample[]>>();
  for (const [name, samples] of found)
    for (const sample of samples) {
      const key = instanceKey(sample.labels);
      const group = groups.get(key) ?? new Map<QueryName, Sample[]>();
      const own = group.get(name);
      if (own === undefined) group.set(name, [sample]);
      else own.push(sample);
      groups.set(key, group);
    }
  return groups;
}

function toReading(name: string, own: Results, parts: PrometheusInstancesParts, nowMs: number): InstanceReading {
  const scrapedMs = secondsToMs(own('scraped'));
  const toldAt = formatInstant(scrapedMs);
  if (own('live').length === 0) return { ...unknownInstance(name, 'is scraped no more'), toldAt };
  const flags = flagsOf(own);
  const snapshot = parts.flags();
  // Prometheus does not have the positions themselves: those of this sidecar hold for all that hold the same flags.
  const document = flags.hash !== null && flags.hash === snapshot.hash ? snapshot.document : undefined;
  const commands = (side: Side) => commandedOf(own('accepts').find(({ labels }) => labels['audience'] === side));
  const window = { movedMs: document === undefined ? null : lastMoveMs(document), silenceMs: parts.silenceMs, nowMs };
  const [legacy, target] = SIDES.map((side) => acceptedSide(responsesOf(own, side), commands(side), window));
  const percent = own('percent')[0]?.value ?? null;
  const commanded = document?.acceptance ?? acceptanceOf(commands('legacy'));
  const isPrepared = () =>
    acceptedSide(responsesOf(own, 'target'), commands('target'), { ...window, movedMs: null }) === 'accepted';
  const phase: Phase | null =
    commanded === undefined || percent === null ? null : commandedPhase(commanded, { percent }, isPrepared());
  return {
    name,
    pageUrl: pageOf(name, parts.adminPort),
    problem: null,
    toldAt,
    phase,
    percent,
    shown: { legacy: KNOWN[legacy ?? 'unknown'], target: KNOWN[target ?? 'unknown'] },
    mix: {
      legacy: acceptedOf(own, 'legacy'),
      target: acceptedOf(own, 'target'),
      bridge: acceptedOf(own, 'bridge'),
    },
    mixSince: formatInstant(nowMs - RECENT_MS),
    validUnauthorized: own('unauthorized')[0]?.value ?? null,
    lastUnauthorizedAt: formatInstant(newest(SIDES.map((side) => responsesOf(own, side).unauthorizedMs))),
    // Reasons are born when first seen.
    disagreements: own('disagreements')[0]?.value ?? (own('lastDisagreement').length > 0 ? 0 : null),
    lastDisagreementAt: formatInstant(secondsToMs(own('lastDisagreement'))),
    flags,
    process: null,
  };
}

const KNOWN: Readonly<Record<AcceptedSide, boolean | null>> = { accepted: true, refused: false, unknown: null };

function commandedOf(sample: Sample | undefined): boolean | undefined {
  return sample && sample.value === 1;
}

function acceptanceOf(isOpen: boolean | undefined) {
  if (isOpen === undefined) return undefined;
  return isOpen ? 'both' : 'target';
}

function responsesOf(own: Results, side: Side) {
  const last = (response: string) =>
    secondsToMs(
      own('responses').filter(({ labels }) => labels['audience'] === side && labels['response'] === response),
    );
  return { acceptedMs: last('accepted'), unauthorizedMs: last('unauthorized') };
}

function acceptedOf(own: Results, audience: string): number {
  return own('accepted').find(({ labels }) => labels['audience'] === audience)?.value ?? 0;
}

function flagsOf(own: Results) {
  const labels = own('flags')[0]?.labels ?? {};
  // An older meter lacks a label, and one that knows nothing has it empty.
  const label = (name: string) => labels[name] || null;
  const ageSeconds = own('flagsAge')[0]?.value ?? null;
  return { revision: label('revision'), source: label('source'), hash: label('hash'), ageSeconds, stale: false };
}

/** A label may hold anything: only an address becomes a link. */
const HOST_AND_PORT = /^(?:[\w.-]+|\[[\da-f:.]+\]):\d+$/i;

/** Prometheus tells which port it scrapes, not what else it serves: only the admin port has a page. */
function pageOf(instance: string, adminPort: string | undefined): string | null {
  const url = `http://${instance}/`;
  const isAdmin = adminPort !== undefined && instance.endsWith(`:${adminPort}`);
  return isAdmin && HOST_AND_PORT.test(instance) && URL.canParse(url) ? url : null;
}

/** An instance that two jobs scrape is one. */
function eachOnce(readings: readonly InstanceReading[]): readonly InstanceReading[] {
  const live = new Map<string, InstanceReading>();
  for (const reading of readings) {
    const known = live.get(reading.name);
    if (known === undefined || (known.problem !== null && reading.problem === null)) live.set(reading.name, reading);
  }
  return [...live.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Returns the newest of timestamps in seconds, in ms. A gauge at 0 has seen nothing yet. */
function secondsToMs(samples: readonly Sample[]): number | null {
  return newest(samples.map(({ value }) => (value > 0 ? value * 1000 : null)));
}
