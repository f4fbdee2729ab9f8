import { type Cleanup, createCleanup } from './environment/cleanup.ts';
import { prepareEnvironment } from './environment/environment.ts';
import type { Lab } from './environment/lab.ts';
import { createLoadBalancer } from './environment/load-balancer.ts';
import { startOrdersFleet } from './environment/orders-fleet.ts';
import { createProbe } from './environment/probe.ts';
import { startSidecarProcess } from './environment/sidecar-process.ts';
import { timingOf } from './environment/timing.ts';
import { createLedger } from './ledger/ledger.ts';
import type { LabOptions } from './options.ts';
import { samplePopulation } from './population/population-sample.ts';
import { createRandom } from './population/random.ts';
import { startPopulation } from './population/start-population.ts';

const INSTANCES = 2;

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
  const timing = timingOf(options);
  const random = createRandom(options.seed);
  const profiles = samplePopulation(options.clients, random);
  const machines = profiles.filter(({ kind }) => kind === 'machine').map(({ name }) => name);
  const migration = `rehearsal-${options.seed}`;
  const environment = await prepareEnvironment({ timing, migration, machines, instances: INSTANCES }, cleanup);
  const { plan, planPath, flagStore } = environment;

  const orders = await startOrdersFleet(
    plan,
    environment.instances.map(({ port, sidecar }) => ({ port, throughSidecar: `http://${sidecar.listen}` })),
  );
  cleanup.add(orders.close);
  const sidecars = await Promise.all(
    environment.instances.map(async ({ sidecar }) => {
      const process = await startSidecarProcess(planPath, sidecar);
      cleanup.add(process.stop);
      return process;
    }),
  );
  const balancer = createLoadBalancer(sidecars.map(({ dataUrl }) => dataUrl));
  cleanup.add(balancer.close);

  const probe = await createProbe(plan, environment.probe);
  const ledger = createLedger();
  const loginFlags = await startPopulation({ environment, profiles, timing, balancer, ledger, random }, cleanup);
  const instanceUrls = environment.instances.map(({ sidecar }) => sidecar.upstream);
  return {
    plan,
    planPath,
    timing,
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
