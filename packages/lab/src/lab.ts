import type { FlagSource, MigrationPlan } from '@crossfade/core';
import { prepareGround } from './environment/environment.ts';
import type { FlagStore } from './environment/flag-store.ts';
import { createLoadBalancer, type LoadBalancer } from './environment/load-balancer.ts';
import { type OrdersFleet, startOrdersFleet } from './environment/orders-fleet.ts';
import { createProbe, type Probe } from './environment/probe.ts';
import { type SidecarProcess, startSidecarProcess } from './environment/sidecar-process.ts';
import { type Cleanup, createCleanup } from './ledger/cleanup.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import { createRandom } from './ledger/random.ts';
import { type Tempo, tempoOf } from './ledger/timing.ts';
import type { LabOptions } from './options.ts';
import { drawPopulation } from './population/population-sample.ts';
import { settle } from './population/start-population.ts';

const INSTANCES = 2;

/** A whole migration's worth of parts, up and running, with clients that use them. */
export interface Lab {
  readonly plan: MigrationPlan;
  /** Where the plan lies: what the CLI's `--config` takes. */
  readonly planPath: string;
  readonly tempo: Tempo;
  readonly ledger: Ledger;
  readonly flagStore: FlagStore;
  readonly balancer: LoadBalancer;
  readonly orders: OrdersFleet;
  /** Base URLs of the API instances, not through their sidecars. */
  readonly instanceUrls: readonly string[];
  readonly sidecars: readonly SidecarProcess[];
  /** The flags as those see them who decide what a login asks for. */
  readonly loginFlags: readonly FlagSource[];
  readonly probe: Probe;
  close(): Promise<void>;
}

/** Starts everything on loopback, in phase `prepare`. Rejects, with nothing left running, when a part does not start. */
export async function startLab(options: Pick<LabOptions, 'seed' | 'clients' | 'fast'>): Promise<Lab> {
  const cleanup = createCleanup();
  try {
    return await assemble(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function assemble(options: Pick<LabOptions, 'seed' | 'clients' | 'fast'>, cleanup: Cleanup): Promise<Lab> {
  const tempo = tempoOf(options);
  const random = createRandom(options.seed);
  const people = drawPopulation(options.clients, random);
  const machines = people.filter(({ kind }) => kind === 'machine').map(({ name }) => name);
  const migration = `rehearsal-${options.seed}`;
  const ground = await prepareGround({ tempo, migration, machines, instances: INSTANCES }, cleanup);
  const { plan, planPath, flagStore } = ground;

  const orders = await startOrdersFleet(
    plan,
    ground.instances.map(({ port, sidecar }) => ({ port, throughSidecar: `http://${sidecar.listen}` })),
  );
  cleanup.add(orders.close);
  const sidecars = await Promise.all(
    ground.instances.map(async ({ sidecar }) => {
      const process = await startSidecarProcess(planPath, sidecar);
      cleanup.add(process.stop);
      return process;
    }),
  );
  const balancer = createLoadBalancer(sidecars.map(({ dataUrl }) => dataUrl));
  cleanup.add(balancer.close);

  const probe = await createProbe(plan, ground.probe);
  const ledger = createLedger();
  const loginFlags = await settle({ ground, people, tempo, balancer, ledger, random }, cleanup);
  const instanceUrls = ground.instances.map(({ sidecar }) => sidecar.upstream);
  return {
    plan,
    planPath,
    tempo,
    ledger,
    flagStore,
    balancer,
    orders,
    instanceUrls,
    sidecars,
    loginFlags,
    probe,
    close: cleanup.run,
  };
}
