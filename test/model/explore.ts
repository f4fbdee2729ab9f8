import { type CodedState, createStateCodec } from './codec.ts';
import { createEdgeList } from './edge-list.ts';
import { createKeyIndex } from './key-index.ts';
import type { Rules } from './rules.ts';
import { initialState } from './state.ts';
import { createSteps } from './steps.ts';
import { strandedStates } from './stranded.ts';
import { canonicalOrder } from './symmetry.ts';
import type { World } from './world.ts';

/** The result of an exploration. */
export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The largest distance of a state from the start, in steps. */
  readonly depth: number;
  /** The shortest way to break the promise; `undefined` when every state was visited and none breaks it. */
  readonly counterexample: Counterexample | undefined;
}

export interface Counterexample {
  readonly broken: string;
  readonly trace: readonly string[];
}

export interface ExploreOptions {
  /** Treats states that differ only in the order of like instances and clients as one. Traces then mix up their names. */
  readonly symmetry: boolean;
  /** Also requires that the legacy audience can be closed from every state. */
  readonly liveness: boolean;
}

/** Visits every reachable state of a world, breadth first, until a step breaks the promise. */
export function explore(world: World, rules: Rules, options: ExploreOptions): Exploration {
  const codec = createStateCodec(world);
  const steps = createSteps(world, rules, codec);
  const canonical = options.symmetry ? canonicalOrder(world) : (state: CodedState) => state;
  const visited = createKeyIndex();
  const parents = createEdgeList();
  const edges = createEdgeList();
  let transitions = 0;
  let depth = 0;
  let endOfLevel = 1;

  const stateAt = (index: number): CodedState => codec.decode(visited.keyAt(index));
  const keyOf = (state: CodedState): number => codec.key(canonical(state));
  const result = (counterexample?: Counterexample): Exploration => ({
    states: visited.size,
    transitions,
    depth,
    counterexample,
  });

  /** Reconstructs the steps from the start to a state by repeating the step from each parent. */
  function traceTo(index: number): string[] {
    const trace: string[] = [];
    for (let at = index; at > 0; at = parents.from(at - 1)) {
      const key = visited.keyAt(at);
      const step = steps(stateAt(parents.from(at - 1))).find(({ next }) => keyOf(next) === key);
      trace.unshift(step?.label ?? '?');
    }
    return trace;
  }

  visited.add(keyOf(codec.encode(initialState(world))));
  for (let from = 0; from < visited.size; from++) {
    if (from === endOfLevel) {
      depth += 1;
      endOfLevel = visited.size;
    }
    for (const { label, next, broken } of steps(stateAt(from))) {
      transitions += 1;
      if (broken !== undefined) return result({ broken, trace: [...traceTo(from), label] });
      const size = visited.size;
      const to = visited.add(keyOf(next));
      if (to === size) parents.push(from, to);
      if (options.liveness && to !== from) edges.push(from, to);
    }
  }
  if (!options.liveness) return result();
  const isClosed = (index: number): boolean => codec.store.decode(stateAt(index).store).closed === 1;
  const [first] = strandedStates(visited.size, edges, isClosed);
  return first === undefined
    ? result()
    : result({ broken: 'the legacy audience can never be closed', trace: traceTo(first) });
}
