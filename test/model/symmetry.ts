import type { CodedState } from './codec.ts';
import type { World } from './world.ts';

/** Brings like instances, and like clients, into one order: a state stands for all that differ in their names alone. */
export function canonicalOrder(world: World): (state: CodedState) => CodedState {
  const likeInstances = world.blindMeter === undefined;
  const likeClients = world.stuck === undefined && new Set(world.clients).size === 1;
  return ({ store, instances, clients }) => ({
    store,
    instances: likeInstances ? sorted(instances) : instances,
    clients: likeClients ? sorted(clients) : clients,
  });
}

function sorted(codes: readonly number[]): readonly number[] {
  return codes.length < 2 ? codes : codes.toSorted((a, b) => a - b);
}
