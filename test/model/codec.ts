import { boundsOf, type Client, FLAGS_TAKE, type Instance, PERCENTS, type State, type Store } from './state.ts';
import type { TokenKind } from './token.ts';
import type { World } from './world.ts';

type Radices<T> = readonly (readonly [field: keyof T, radix: number])[];

/** Encodes the values of one component as numbers; equal values share one object. */
export interface ComponentCodec<T> {
  readonly size: number;
  encode(value: T): number;
  decode(code: number): T;
}

/** One step of a world. `broken` is the part of the promise that it breaks. */
export interface Step {
  readonly label: string;
  readonly next: CodedState;
  readonly broken?: string;
}

/** Encodes the states of a world as numbers. */
export interface StateCodec {
  readonly store: ComponentCodec<Store>;
  readonly instance: ComponentCodec<Instance>;
  readonly client: ComponentCodec<Client>;
  /** Encodes what the operator's tools can see: the state without its clients. */
  visibleKey(codes: CodedState): number;
  key(codes: CodedState): number;
  decode(key: number): CodedState;
  encode(state: State): CodedState;
}

export interface CodedState {
  readonly store: number;
  readonly instances: readonly number[];
  readonly clients: readonly number[];
}

export function createStateCodec(world: World): StateCodec {
  const { window, horizon, token } = boundsOf(world);
  const rejected = world.downgrades ? window + 1 : 1;
  const ages = (...kinds: readonly TokenKind[]) =>
    kinds.some((kind) => world.tokens?.includes(kind)) ? window + 1 : 1;
  const store = componentCodec<Store>(
    [
      ['closed', 2],
      ['level', PERCENTS.length],
      ['since', horizon + 2],
      ['reopened', FLAGS_TAKE + 2],
      ['rejected', rejected],
    ],
    { rejected: window },
  );
  const instance = componentCodec<Instance>(
    [
      ['up', 2],
      ['dual', 2],
      ['closed', 2],
      ['diskClosed', 2],
      ['watched', horizon + 1],
      ['legacySeen', window + 1],
      ['legacyIssued', horizon + 1],
      ['targetSeen', window + 1],
      ['unauthorized', rejected],
      ['verified', ages('refused', 'foreign')],
      ['unverified', ages('unverified')],
      ['excused', world.crashes || world.partialSight ? 2 : 1],
      ['shown', world.probes ? 2 : 1],
    ],
    { unauthorized: window, verified: window, unverified: window, excused: 0, shown: 0 },
  );
  const client = componentCodec<Client>(
    [
      ['movesTo', 2],
      ['token', token + 1],
      ['session', world.ticks.session + 2],
      ['target', world.ticks.target + 1],
      ['idle', world.ticks.silence + 1],
      ['pending', 3],
    ],
    {},
  );
  const size = store.size * instance.size ** world.instances * client.size ** world.clients.length;
  if (size > Number.MAX_SAFE_INTEGER) throw new Error(`${world.name}: a state does not fit into a number`);
  return { store, instance, client, ...keysOf(world, instance.size, client.size), encode };

  function encode(state: State): CodedState {
    return {
      store: store.encode(state.store),
      instances: state.instances.map(instance.encode),
      clients: state.clients.map(client.encode),
    };
  }
}

function keysOf(world: World, instances: number, clients: number): Pick<StateCodec, 'visibleKey' | 'key' | 'decode'> {
  const visibleKey = (codes: CodedState): number =>
    codes.instances.reduce((key, code) => key * instances + code, codes.store);
  return {
    visibleKey,
    key: (codes) => codes.clients.reduce((key, code) => key * clients + code, visibleKey(codes)),
    decode(key) {
      let rest = key;
      const digits = (count: number, radix: number): number[] => {
        const codes = new Array<number>(count);
        for (let i = count - 1; i >= 0; i--) {
          codes[i] = rest % radix;
          rest = Math.floor(rest / radix);
        }
        return codes;
      };
      const clientCodes = digits(world.clients.length, clients);
      const instanceCodes = digits(world.instances, instances);
      return { store: rest, instances: instanceCodes, clients: clientCodes };
    },
  };
}

/** A field of radix 1 is the same in every state of the world; `constants` has its value. */
function componentCodec<T extends Readonly<Record<keyof T, number>>>(
  radices: Radices<T>,
  constants: Partial<T>,
): ComponentCodec<T> {
  const values: (T | undefined)[] = [];
  const varying = radices.filter(([, radix]) => radix > 1);

  function decode(code: number): T {
    const known = values[code];
    if (known !== undefined) return known;
    const value: Record<string, number> = { ...(constants as Record<string, number>) };
    let rest = code;
    for (const [field, radix] of varying.toReversed()) {
      value[field as string] = rest % radix;
      rest = Math.floor(rest / radix);
    }
    values[code] = value as T;
    return value as T;
  }

  return {
    size: varying.reduce((size, [, radix]) => size * radix, 1),
    encode(value) {
      let code = 0;
      for (const [field, radix] of varying) code = code * radix + value[field];
      return code;
    },
    decode,
  };
}
