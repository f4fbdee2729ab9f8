import type { EdgeList } from './edge-list.ts';

/** Returns the states from which no path leads to a goal. Edges are in the order of exploration. */
export function strandedStates(states: number, edges: EdgeList, isGoal: (state: number) => boolean): number[] {
  const reaches = new Uint8Array(states);
  for (let state = 0; state < states; state++) if (isGoal(state)) reaches[state] = 1;
  for (let changed = true; changed; ) {
    changed = false;
    // Backwards, because paths mostly lead to later states: a few rounds are enough.
    for (let edge = edges.length - 1; edge >= 0; edge--) {
      if (reaches[edges.to(edge)] === 0 || reaches[edges.from(edge)] === 1) continue;
      reaches[edges.from(edge)] = 1;
      changed = true;
    }
  }
  const stranded: number[] = [];
  for (let state = 0; state < states; state++) if (reaches[state] === 0) stranded.push(state);
  return stranded;
}
