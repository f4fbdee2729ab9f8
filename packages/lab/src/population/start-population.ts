import { createBff, createTokenSource } from '@crossfade/client';
import { createClientMetrics } from '@crossfade/client/prometheus';
import { acceptanceSwitch, type FlagSource, issuanceSwitch } from '@crossfade/core';
import { createFeatureAccess, openFlagSource } from '@crossfade/flags';
import { createSelector } from '@crossfade/selector';
import { Registry } from 'prom-client';
import type { Cleanup } from '../environment/cleanup.ts';
import type { Environment } from '../environment/environment.ts';
import type { LoadBalancer } from '../environment/load-balancer.ts';
import type { Timing } from '../environment/timing.ts';
import { startWebApp, type WebApp, webAppUrl } from '../environment/web-app.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createBrowserClient } from './browser-client.ts';
import { createMachineClient } from './machine-client.ts';
import type { ClientProfile } from './population-sample.ts';
import type { Random } from './random.ts';
import { type Client, startTraffic } from './traffic.ts';

export interface PopulationOptions {
  readonly environment: Environment;
  readonly profiles: readonly ClientProfile[];
  readonly timing: Timing;
  readonly balancer: LoadBalancer;
  readonly ledger: Ledger;
  readonly random: Random;
}

const VISIT = { fewest: 3, most: 12 };
/** The minimum rate of one client, which raises the rate of a large population. */
const REQUESTS_PER_SECOND_AND_CLIENT = 0.5;

/** The parts of an application that ask for tokens. */
export interface Population {
  readonly webApp: WebApp;
  /** The flag sources that decide which side a login asks for. */
  readonly loginFlags: readonly FlagSource[];
}

/** Starts the web application and the machine clients, each with a flag source of its own, and all traffic. */
export async function startPopulation(options: PopulationOptions, cleanup: Cleanup): Promise<Population> {
  const { environment, timing, ledger, random } = options;
  const [webFlags, machineFlags] = await Promise.all([openFlags(environment), openFlags(environment)]);
  const loginFlags = [webFlags, machineFlags];
  for (const source of loginFlags) cleanup.add(() => source.close());
  const webApp = await startApplication(options, webFlags);
  cleanup.add(webApp.close);

  const clients = [...machinesOf(options, machineFlags), ...usersOf(options, webApp)];
  const requestsPerSecond = Math.max(timing.requestsPerSecond, clients.length * REQUESTS_PER_SECOND_AND_CLIENT);
  const population = startTraffic({ clients, ledger, random, requestsPerSecond });
  cleanup.add(population.stop);
  return { webApp, loginFlags };
}

function openFlags({ plan }: Environment): Promise<FlagSource> {
  return openFlagSource(plan.flags);
}

/** What every client of the migration has: its provider, and the switches. */
function clientOptions({ plan }: Environment, flags: FlagSource) {
  return {
    issuer: plan.legacy.issuer,
    selector: createSelector({ plan, issuance: issuanceSwitch(flags) }),
    acceptance: acceptanceSwitch(flags),
  };
}

async function startApplication({ environment, balancer }: PopulationOptions, flags: FlagSource): Promise<WebApp> {
  const { plan, webApp, webAppPort: port } = environment;
  const registry = new Registry();
  const { onEvent } = createClientMetrics({ registry, migration: plan.migration, service: 'web-app' });
  const bff = createBff({
    ...clientOptions(environment, flags),
    ...webApp,
    publicUrl: webAppUrl(port).origin,
    api: { '/api/': balancer.url },
    user: { claims: ['name', 'roles'] },
    onEvent,
  });
  return startWebApp({
    bff,
    features: createFeatureAccess({ flags }),
    orders: new URL('/orders', balancer.url),
    issuer: plan.legacy.issuer,
    metrics: () => registry.metrics(),
    port,
  });
}

function machinesOf({ environment, balancer }: PopulationOptions, flags: FlagSource): Client[] {
  const shared = clientOptions(environment, flags);
  return environment.machines.map((credentials) =>
    createMachineClient(createTokenSource({ ...shared, ...credentials }), new URL('/orders', balancer.url)),
  );
}

function usersOf({ profiles, random }: PopulationOptions, webApp: WebApp): Client[] {
  return profiles
    .filter(({ kind }) => kind !== 'machine')
    .map(({ kind, name }) =>
      createBrowserClient({
        user: name,
        webApp: webApp.url,
        orders: kind === 'visitor' ? '/orders' : '/api/orders',
        requestsPerVisit: kind === 'visitor' ? VISIT : 'never',
        random: random.fork(name),
      }),
    );
}
