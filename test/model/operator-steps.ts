import type { Move, Verb } from '@crossfade/core';
import type { CodedState, StateCodec, Step } from './codec.ts';
import { createOperator } from './operator.ts';
import { KEY, type Rules } from './rules.ts';
import { boundsOf, FLAGS_TAKE, PERCENTS, type Store } from './state.ts';
import type { World } from './world.ts';

interface Visible {
  readonly label: string;
  readonly store: number;
  readonly level: number;
  readonly excused: readonly number[];
  readonly broken?: string;
}

/** Creates the operator's steps in a state, with the part of the promise that an allowed or refused move breaks. */
export function createOperatorSteps(world: World, rules: Rules, codec: StateCodec): (state: CodedState) => Step[] {
  const operator = createOperator(world, rules);
  const { window } = boundsOf(world);
  const known = new Map<number, readonly Visible[]>();
  const buckets = [...new Set(world.clients)];

  function decide(state: CodedState): readonly Visible[] {
    const store = codec.store.decode(state.store);
    const instances = state.instances.map(codec.instance.decode);
    const { steps, refused } = operator.decide(store, instances);
    const visible = steps.map(({ move, store: next, excused }): Visible => {
      const broken = brokenBy(move, store, next);
      const label = `the operator: ${format(move)}`;
      return { label, store: codec.store.encode(next), level: next.level, excused, ...(broken && { broken }) };
    });
    // Rollback must be allowed until the first close, and once no instance shows that it is closed and the flags of those
    // that are silent had their time. Reopen always must be.
    const showsClosed = instances.some(({ up, dual, closed }) => up === 1 && dual === 1 && closed === 1);
    const isReopened = store.reopened === 0 || (store.reopened > FLAGS_TAKE && !showsClosed);
    const rescue: readonly Verb[] = store.closed === 0 && isReopened ? ['rollback', 'reopen'] : ['reopen'];
    for (const verb of rescue.filter((needed) => refused.includes(needed))) {
      visible.push({
        label: `the operator: ${verb}`,
        store: state.store,
        level: store.level,
        excused: [],
        broken: `${verb} is refused`,
      });
    }
    return visible;
  }

  function brokenBy(move: Move, before: Store, after: Store): string | undefined {
    if (move.verb === 'close' && world.stuck !== undefined) return 'closed although a client never moved';
    if (move.verb === 'close' && before.rejected < window) return 'closed although a valid token was just rejected';
    const side = (level: number, bucket: (typeof buckets)[number]) => rules.side(PERCENTS[level] ?? 0, KEY[bucket]);
    const flapped = (bucket: (typeof buckets)[number]) =>
      side(before.level, bucket) === 'target' && side(after.level, bucket) === 'legacy';
    return move.verb === 'advance' && buckets.some(flapped) ? 'an advance sends a client back to legacy' : undefined;
  }

  function movedAt(level: number, clients: readonly number[]): number[] {
    return clients.map((code, index) => {
      const bucket = world.clients[index] ?? 'early';
      const movesTo = rules.side(PERCENTS[level] ?? 0, KEY[bucket]) === 'target' ? 1 : 0;
      return codec.client.encode({ ...codec.client.decode(code), movesTo });
    });
  }

  const excuse = (code: number): number => codec.instance.encode({ ...codec.instance.decode(code), excused: 1 });

  return (state) => {
    const key = codec.visibleKey(state);
    let visible = known.get(key);
    if (visible === undefined) {
      visible = decide(state);
      known.set(key, visible);
    }
    return visible.map(({ label, store, level, excused, broken }) => {
      const clients = world.promptClients ? movedAt(level, state.clients) : state.clients;
      const instances = state.instances.map((code, index) => (excused.includes(index) ? excuse(code) : code));
      return { label, next: { store, instances, clients }, ...(broken && { broken }) };
    });
  };
}

function format(move: Move): string {
  return move.verb === 'advance' ? `advance to ${move.percent}` : move.verb;
}
