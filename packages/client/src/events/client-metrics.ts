import { ConfigError, type Problem } from '@crossfade/core';
import { METRICS, type MetricDefinition } from '@crossfade/core/metrics';
import { Counter, type Registry } from 'prom-client';
import type { ClientEvent, OnClientEvent } from './client-event.ts';

export interface ClientMetricsOptions {
  /** The application's own registry: its scrape shows the counters. */
  readonly registry: Registry;
  /**
   * The plan's `migration`: the gate selects by it. Of combined selectors each migration counts its selections and mints
   * under its own salt, which is the migration's name where a plan made the selector; logins and refreshes count under
   * this one.
   */
  readonly migration: string;
  /** Names the application. */
  readonly service: string;
}

/** Counts the events of a client. */
export interface ClientMetrics {
  /** Pass it as the client's `onEvent`, or call it from there. */
  readonly onEvent: OnClientEvent;
}

const CONSTANT_LABELS = ['migration', 'service'] as const;

/**
 * Registers the counters of OAuth clients in the application's registry, each with the labels `migration` and `service`.
 * Clients of one application share them: call it once for all of them, or once for each. Logins, refreshes and mints
 * start at 0, so that an absent series means that no client counts; a selection appears when it is first seen.
 * @throws {@link ConfigError} when an option is wrong, or the registry has another metric of that name.
 * @example
 * ```ts
 * const metrics = createClientMetrics({ registry, migration: 'orders-2026', service: 'web-app' });
 * const tokens = createTokenSource({ ...provider, selector, onEvent: metrics.onEvent });
 * ```
 */
export function createClientMetrics({ registry, migration, service }: ClientMetricsOptions): ClientMetrics {
  const problems = optionProblems({ registry, migration, service });
  if (problems.length > 0) throw new ConfigError('client metrics', problems);
  const selections = counterOf(registry, METRICS.selections);
  const logins = counterOf(registry, METRICS.logins);
  const refreshes = counterOf(registry, METRICS.refreshes);
  const mints = counterOf(registry, METRICS.mints);
  const own = { migration, service };

  for (const outcome of METRICS.logins.labels.outcome) logins.inc({ ...own, outcome }, 0);
  for (const outcome of METRICS.refreshes.labels.outcome) refreshes.inc({ ...own, outcome }, 0);
  for (const asked of METRICS.mints.labels.asked)
    for (const minted of METRICS.mints.labels.minted) mints.inc({ ...own, asked, minted }, 0);

  return {
    onEvent(event) {
      switch (event.type) {
        case 'selection':
          for (const [name, { side, reason }] of partsOf(event, migration))
            selections.inc({ migration: name, service, side, reason });
          return;
        case 'mint':
          for (const [name, { asked, minted }] of partsOf(event, migration))
            mints.inc({ migration: name, service, asked, minted });
          return;
        case 'login':
          return logins.inc({ ...own, outcome: event.outcome });
        case 'refresh':
          return refreshes.inc({ ...own, outcome: event.outcome });
      }
    },
  };
}

type SidedEvent = Extract<ClientEvent, { type: 'selection' | 'mint' }>;

/** What an event says of each migration, by its name. */
function partsOf<Event extends SidedEvent>(
  event: Event,
  migration: string,
): readonly (readonly [migration: string, NonNullable<Event['parts']>[string]])[];
function partsOf(event: SidedEvent, migration: string): readonly (readonly [string, object])[] {
  return event.parts === undefined ? [[migration, event]] : Object.entries(event.parts);
}

/** Returns the counter that another client of the application registered, else registers it. */
function counterOf(registry: Registry, { name, help, labels }: MetricDefinition): Counter<string> {
  const known = registry.getSingleMetric(name);
  if (known === undefined) {
    return new Counter({ name, help, labelNames: [...CONSTANT_LABELS, ...Object.keys(labels)], registers: [registry] });
  }
  // Another copy of prom-client may have registered it: `instanceof` would refuse that one.
  const counter = known as Counter<string> & { readonly labelNames?: readonly string[] };
  const isOurs = CONSTANT_LABELS.every((label) => counter.labelNames?.includes(label));
  if (isOurs && typeof counter.inc === 'function') return counter;
  throw new ConfigError('client metrics', [
    { path: 'registry', message: `has a metric ${name} of another program: give the client a registry of its own` },
  ]);
}

function optionProblems({ registry, migration, service }: Partial<ClientMetricsOptions>): Problem[] {
  const problems: Problem[] = [];
  if (typeof registry?.registerMetric !== 'function') {
    problems.push({ path: 'registry', message: 'must be a Registry of prom-client: npm install prom-client' });
  }
  const given = { migration, service };
  for (const path of CONSTANT_LABELS) {
    if (typeof given[path] !== 'string' || given[path] === '')
      problems.push({ path, message: `is required: a text, the value of the label ${path}` });
  }
  return problems;
}
