/** A growing list of pairs of state numbers. */
export interface EdgeList {
  readonly length: number;
  push(from: number, to: number): void;
  from(edge: number): number;
  to(edge: number): number;
}

const INITIAL_CAPACITY = 1 << 16;

export function createEdgeList(): EdgeList {
  let pairs = new Int32Array(INITIAL_CAPACITY);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(from, to) {
      if (2 * length === pairs.length) {
        const grown = new Int32Array(2 * pairs.length);
        grown.set(pairs);
        pairs = grown;
      }
      pairs[2 * length] = from;
      pairs[2 * length + 1] = to;
      length += 1;
    },
    from: (edge) => pairs[2 * edge] ?? 0,
    to: (edge) => pairs[2 * edge + 1] ?? 0,
  };
}
