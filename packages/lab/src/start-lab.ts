import { type Cleanup, createCleanup } from './environment/cleanup.ts';
import { prepareEnvironment } from './environment/environment.ts';
import type { Lab } from './environment/lab.ts';
import { startLoadBalancer } from './environment/load-balancer.ts';
import { startOrdersFleet } from './environment/orders-fleet.ts';
import { createProbe } from './environment/probe.ts';
import { OTHER_RESOURCE } from './environment/rehearsal-plan.ts';
import { startSidecarProcess } from './environment/sidecar-process.ts';
import { type Timing, timingOf } from './environment/timing.ts';
import { createLedger } from './ledger/ledger.ts';
import type { LabOptions } from './options.ts';
import { samplePopulation } from './population/population-sample.ts';
import { createRandom } from './population/random.ts';
import { startPopulation } from './population/start-population.ts';

const INSTANCES = 2;

/** What a lab is made of. */
export type LabSetting = Pick<LabOptions, 'seed' | 'clients' | 'fast'> & {
  /** Lifetimes and paces that differ from those of `fast`. */
  readonly timing?: Partial<Timing>;
};

/** Starts everything on loopback, in phase `prepare`. Rejects, with nothing left running, when a part does not start. */
export async function startLab(options: LabSetting): Promise<Lab> {
  const cleanup = createCleanup();
  try {
    return await assemble(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function assemble(options: LabSetting, cleanup: Cleanup): Promise<Lab> {
  const timing = { ...timingOf(options), ...options.timing };
  const random = createRandom(options.seed);
  const profiles = samplePopulation(options.clients, random);
  const machines = profiles.filter(({ kind }) => kind === 'machine').map(({ name }) => name);
  const migration = `rehearsal-${options.seed}`;
  const environment = await prepareEnvironment({ timing, migration, machines, instances: INSTANCES }, cleanup);
  const { plan, planPath, flagStore, identityProvider } = environment;

  const orders = await startOrdersFleet(
    plan,
    environment.instances.map(({ port, sidecar }) => ({ port, throughSidecar: `http://${sidecar.listen}` })),
  );
  cleanup.add(orders.close);
  const starts = environment.instances.map(async ({ sidecar }) => {
    const process = await startSidecarProcess(planPath, sidecar);
    cleanup.add(process.stop);
    return process;
  });
  // When one fails to start, the cleanup must still find the others.
  await Promise.allSettled(starts);
  const sidecars = await Promise.all(starts);
  const ledger = createLedger();
  const balancer = await startLoadBalancer(
    sidecars.map(({ dataUrl }) => dataUrl),
    // The clients retry once after a 401, which would hide it.
    { onUnauthorized: () => ledger.record({ outcome: 'rejected', status: 401 }) },
  );
  cleanup.add(balancer.close);

  const probe = await createProbe(plan, environment.probe);
  const population = await startPopulation({ environment, profiles, timing, balancer, ledger, random }, cleanup);
  const instanceUrls = environment.instances.map(({ sidecar }) => sidecar.upstream);
  return {
    plan,
    planPath,
    timing,
    ledger,
    flagStore,
    identityProvider,
    balancer,
    orders,
    instanceUrls,
    sidecars,
    ...population,
    probe,
    otherResource: OTHER_RESOURCE.resource,
    close: cleanup.run,
  };
}
