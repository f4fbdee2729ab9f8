import type { CodedState } from './codec.ts';
import { kindOf, type World } from './world.ts';

/** Sorts like instances and like clients, so that one state represents all that differ only in their names. */
export function canonicalOrder(world: World): (state: CodedState) => CodedState {
  const likeInstances = world.blindMeter === undefined;
  const likeClients =
    world.stuck === undefined &&
    new Set(world.clients.map((bucket, index) => `${bucket} ${kindOf(world, index)}`)).size === 1;
  return ({ store, instances, clients }) => ({
    store,
    instances: likeInstances ? sorted(instances) : instances,
    clients: likeClients ? sorted(clients) : clients,
  });
}

function sorted(codes: readonly number[]): readonly number[] {
  return codes.length < 2 ? codes : codes.toSorted((a, b) => a - b);
}
