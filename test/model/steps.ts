import { SIDES, type Side } from '@crossfade/core';
import { createClientRules } from './client.ts';
import type { CodedState, StateCodec, Step } from './codec.ts';
import { createInstanceRules } from './instance.ts';
import { createOperatorSteps } from './operator-steps.ts';
import { KEY, type Rules } from './rules.ts';
import { boundsOf, FLAGS_TAKE, PERCENTS, type Store } from './state.ts';
import { PRESENTED_TOKENS, presentedToken } from './token.ts';
import { kindOf, type World } from './world.ts';

/** Returns every possible next step in a state of a world. */
export type Steps = (state: CodedState) => readonly Step[];

interface CodedStep {
  readonly label: string;
  readonly code: number;
}

export function createSteps(world: World, rules: Rules, codec: StateCodec): Steps {
  const clientRules = createClientRules(world);
  const instanceRules = createInstanceRules(world, rules);
  const operatorSteps = createOperatorSteps(world, rules, codec);
  const sides = PERCENTS.map((percent) => world.clients.map((bucket) => rules.side(percent, KEY[bucket])));

  const storeTick = memo(1, (code) => codec.store.encode(tickStore(codec.store.decode(code))));
  const instanceTick = memo(1, (code) => codec.instance.encode(instanceRules.tick(codec.instance.decode(code))));
  const clientTick = memo(1, (code) => {
    const next = clientRules.tick(codec.client.decode(code));
    return next && codec.client.encode(next);
  });
  const clientSteps = memo(world.clients.length * PERCENTS.length, (code, variant): CodedStep[] => {
    const index = variant % world.clients.length;
    const side: Side = sides[Math.floor(variant / world.clients.length)]?.[index] ?? 'legacy';
    const steps = clientRules.steps(codec.client.decode(code), index, side);
    return steps.map(({ label, client }) => ({ label, code: codec.client.encode(client) }));
  });
  const instanceSteps = memo(world.instances * 2, (code, variant): CodedStep[] => {
    const index = variant % world.instances;
    const steps = instanceRules.steps(codec.instance.decode(code), index, Math.floor(variant / world.instances));
    return steps.map(({ label, instance }) => ({ label, code: codec.instance.encode(instance) }));
  });

  const ages = boundsOf(world).token + 1;
  const observations = memo(world.instances * PRESENTED_TOKENS.length * ages, (code, variant) => {
    const index = Math.floor(variant / (PRESENTED_TOKENS.length * ages));
    const token = PRESENTED_TOKENS[Math.floor(variant / ages) % PRESENTED_TOKENS.length] ?? 'legacy';
    return codec.instance.encode(instanceRules.observed(codec.instance.decode(code), index, token, variant % ages));
  });

  function tick(state: CodedState): CodedState | undefined {
    const clients: number[] = [];
    for (const code of state.clients) {
      const next = clientTick(code, 0);
      if (next === undefined) return undefined;
      clients.push(next);
    }
    return {
      store: storeTick(state.store, 0),
      instances: state.instances.map((code) => instanceTick(code, 0)),
      clients,
    };
  }

  function tickStore(store: Store): Store {
    const { horizon, window } = boundsOf(world);
    const since = store.since > horizon ? store.since : Math.min(horizon, store.since + 1);
    const reopened = store.reopened === 0 ? 0 : Math.min(FLAGS_TAKE + 1, store.reopened + 1);
    return { ...store, since, reopened, rejected: Math.min(window, store.rejected + 1) };
  }

  function present(state: CodedState, clientIndex: number, side: Side): Step[] {
    const clientCode = state.clients[clientIndex] ?? 0;
    const client = codec.client.decode(clientCode);
    if (!clientRules.canPresent(client, side)) return [];
    const steps: Step[] = [];
    const token = presentedToken(kindOf(world, clientIndex), side);
    const tokenVariant = PRESENTED_TOKENS.indexOf(token);
    const clients = replaced(state.clients, clientIndex, codec.client.encode(clientRules.presented(client, side)));
    state.instances.forEach((code, index) => {
      const instance = codec.instance.decode(code);
      if (instance.up === 0) return;
      const observed = observations(code, (index * PRESENTED_TOKENS.length + tokenVariant) * ages + client.token);
      const instances = replaced(state.instances, index, observed);
      const label = `client ${clientIndex + 1} presents its ${token} token to instance ${index + 1}`;
      if (instanceRules.accepts(instance, token)) {
        steps.push({ label, next: { store: state.store, instances, clients } });
        return;
      }
      const store = codec.store.encode({ ...codec.store.decode(state.store), rejected: 0 });
      const next = { store, instances, clients: state.clients };
      const excused = (world.downgrades && side === 'target') || (instance.excused === 1 && side === 'legacy');
      steps.push(
        excused ? { label: `${label}: 401`, next } : { label, next, broken: `a valid ${side} token is rejected` },
      );
    });
    return steps;
  }

  return (state) => {
    const store = codec.store.decode(state.store);
    const steps: Step[] = [...operatorSteps(state)];
    state.instances.forEach((code, index) => {
      for (const step of instanceSteps(code, store.closed * world.instances + index)) {
        steps.push({ label: step.label, next: { ...state, instances: replaced(state.instances, index, step.code) } });
      }
    });
    state.clients.forEach((code, index) => {
      for (const step of clientSteps(code, store.level * world.clients.length + index)) {
        steps.push({ label: step.label, next: { ...state, clients: replaced(state.clients, index, step.code) } });
      }
      for (const side of SIDES) steps.push(...present(state, index, side));
    });
    const later = tick(state);
    if (later !== undefined) steps.push({ label: 'a tick passes', next: later });
    return steps;
  };
}

function replaced(codes: readonly number[], index: number, code: number): number[] {
  const next = codes.slice();
  next[index] = code;
  return next;
}

function memo<T>(
  variants: number,
  compute: (code: number, variant: number) => T,
): (code: number, variant: number) => T {
  const known = new Map<number, T>();
  return (code, variant) => {
    const key = code * variants + variant;
    const value = known.get(key);
    if (value !== undefined || known.has(key)) return value as T;
    const computed = compute(code, variant);
    known.set(key, computed);
    return computed;
  };
}
