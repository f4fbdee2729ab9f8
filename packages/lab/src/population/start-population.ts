import { createBrowserLogin, createTokenSource } from '@crossfade/client';
import { type FlagSource, issuanceSwitch } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { createSelector, type Selector } from '@crossfade/selector';
import type { Ground } from '../environment/environment.ts';
import type { LoadBalancer } from '../environment/load-balancer.ts';
import { callbackUrl, startWebApp } from '../environment/web-app.ts';
import type { Cleanup } from '../ledger/cleanup.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Random } from '../ledger/random.ts';
import type { Tempo } from '../ledger/timing.ts';
import { createBrowserClient } from './browser-client.ts';
import type { Client } from './client.ts';
import { createMachineClient } from './machine-client.ts';
import { startPopulation } from './population.ts';
import type { Person } from './population-sample.ts';

export interface Settlement {
  readonly ground: Ground;
  readonly people: readonly Person[];
  readonly tempo: Tempo;
  readonly balancer: LoadBalancer;
  readonly ledger: Ledger;
  readonly random: Random;
}

const VISIT = { fewest: 3, most: 12 };
/** What one client of a large population adds to the rate. */
const REQUESTS_PER_SECOND_AND_CLIENT = 0.5;

/**
 * Starts the web application and a platform for machines, each with a flag source of its own, and lets everybody loose.
 * @returns the flags as those see them who decide what a login asks for.
 */
export async function settle(settlement: Settlement, cleanup: Cleanup): Promise<readonly FlagSource[]> {
  const { ground, people, tempo, balancer, ledger, random } = settlement;
  const { plan } = ground;
  const [webFlags, machineFlags] = await Promise.all([openFlagSource(plan.flags), openFlagSource(plan.flags)]);
  const loginFlags = [webFlags, machineFlags];
  for (const source of loginFlags) cleanup.add(() => source.close());
  const selectorOn = (flags: FlagSource): Selector => createSelector({ plan, issuance: issuanceSwitch(flags) });

  const issuer = plan.legacy.issuer;
  const login = await createBrowserLogin({
    issuer,
    ...ground.webApp,
    redirectUri: callbackUrl(ground.webAppPort).href,
    selector: selectorOn(webFlags),
  });
  const { renewalMarginSeconds } = tempo;
  const webApp = await startWebApp({ login, orders: balancer, port: ground.webAppPort, renewalMarginSeconds });
  cleanup.add(webApp.close);

  const machineSelector = selectorOn(machineFlags);
  const machines = ground.machines.map(async (credentials): Promise<Client> => {
    const tokens = await createTokenSource({ issuer, ...credentials, selector: machineSelector });
    return createMachineClient(tokens, balancer);
  });
  const users = people
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
  const requestsPerSecond = Math.max(tempo.requestsPerSecond, clients.length * REQUESTS_PER_SECOND_AND_CLIENT);
  const population = startPopulation({ clients, ledger, random, requestsPerSecond });
  cleanup.add(population.stop);
  return loginFlags;
}
