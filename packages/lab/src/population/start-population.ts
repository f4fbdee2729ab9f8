import { createBrowserLogin, createTokenSource } from '@crossfade/client';
import { type FlagSource, issuanceSwitch } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { createSelector, type Selector } from '@crossfade/selector';
import type { Cleanup } from '../environment/cleanup.ts';
import type { Environment } from '../environment/environment.ts';
import type { LoadBalancer } from '../environment/load-balancer.ts';
import type { Timing } from '../environment/timing.ts';
import { callbackUrl, startWebApp } from '../environment/web-app.ts';
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

/**
 * Starts the web application and the machine clients, each with a flag source of its own, and all traffic.
 * @returns the flag sources that decide which side a login asks for.
 */
export async function startPopulation(options: PopulationOptions, cleanup: Cleanup): Promise<readonly FlagSource[]> {
  const { environment, profiles, timing, balancer, ledger, random } = options;
  const { plan } = environment;
  const [webFlags, machineFlags] = await Promise.all([openFlagSource(plan.flags), openFlagSource(plan.flags)]);
  const loginFlags = [webFlags, machineFlags];
  for (const source of loginFlags) cleanup.add(() => source.close());
  const selectorOn = (flags: FlagSource): Selector => createSelector({ plan, issuance: issuanceSwitch(flags) });

  const issuer = plan.legacy.issuer;
  const login = createBrowserLogin({
    issuer,
    ...environment.webApp,
    redirectUri: callbackUrl(environment.webAppPort).href,
    selector: selectorOn(webFlags),
  });
  const { renewalMarginSeconds } = timing;
  const webApp = await startWebApp({ login, orders: balancer, port: environment.webAppPort, renewalMarginSeconds });
  cleanup.add(webApp.close);

  const machineSelector = selectorOn(machineFlags);
  const machines = environment.machines.map(async (credentials): Promise<Client> => {
    const tokens = createTokenSource({ issuer, ...credentials, selector: machineSelector });
    return createMachineClient(tokens, balancer);
  });
  const users = profiles
    .filter(({ kind }) => kind !== 'machine')
    .map(({ kind, name }) =>
      createBrowserClient({
        user: name,
        webApp: webApp.url,
        requestsPerVisit: kind === 'visitor' ? VISIT : 'never',
        random: random.fork(name),
      }),
    );
  const clients = [...(await Promise.all(machines)), ...users];
  const requestsPerSecond = Math.max(timing.requestsPerSecond, clients.length * REQUESTS_PER_SECOND_AND_CLIENT);
  const population = startTraffic({ clients, ledger, random, requestsPerSecond });
  cleanup.add(population.stop);
  return loginFlags;
}
