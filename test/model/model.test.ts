import { DRAIN_CHECKS } from '@crossfade/core';
import { afterAll, describe, expect, it } from 'vitest';
import { type Exploration, explore } from './explore.ts';
import { GATE_MUTATIONS } from './gate-mutations.ts';
import { MOVE_MUTATIONS, SECOND_LINES } from './move-mutations.ts';
import { PRODUCTION, productionWithProof, type Rules } from './rules.ts';
import type { World } from './world.ts';
import { MOVING, STUCK } from './worlds.ts';

/** Long enough for a busy machine. */
const TIMEOUT_MS = 300_000;

/** These two take half of the whole search; `npm run test:long` visits them. */
const LONG_WORLDS: readonly World[] = [MOVING.square, MOVING.longSessions];
const IS_LONG = process.env['CROSSFADE_MODEL_WORLDS'] === 'all';
const VISITED = Object.values(MOVING).filter((world) => IS_LONG || !LONG_WORLDS.includes(world));

const MUTATIONS = [...MOVE_MUTATIONS, ...GATE_MUTATIONS];
const total = { worlds: 0, states: 0, transitions: 0, caught: 0 };

function visitAll(world: World, rules: Rules, liveness: 'can close' | 'never closes'): Exploration {
  const result = explore(world, rules, { symmetry: true, liveness: liveness === 'can close' });
  total.worlds += 1;
  total.states += result.states;
  total.transitions += result.transitions;
  print(
    `${count(result.states)} states, ${count(result.transitions)} transitions, depth ${result.depth}: ${world.name}`,
  );
  return result;
}

function traceOf({ counterexample }: Exploration): string {
  return counterexample === undefined ? '' : [...counterexample.trace, `=> ${counterexample.broken}`].join('\n');
}

function print(line: string): void {
  process.stdout.write(`model: ${line}\n`);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

describe('the promise', { timeout: TIMEOUT_MS }, () => {
  it.each(VISITED)('holds with $name, and closing stays possible', (world) => {
    expect(traceOf(visitAll(world, PRODUCTION, 'can close'))).toBe('');
  });

  it.each(Object.values(STUCK))('holds with $name, and the legacy audience is never closed', (world) => {
    expect(traceOf(visitAll(world, PRODUCTION, 'never closes'))).toBe('');
  });

  afterAll(() => {
    print(`${count(total.states)} states and ${count(total.transitions)} transitions in ${total.worlds} worlds`);
    if (!IS_LONG) print(`${LONG_WORLDS.length} larger worlds wait for npm run test:long`);
  });
});

describe('a broken Crossfade', { timeout: TIMEOUT_MS }, () => {
  it.each([MOVING.fleet, MOVING.slowCycle, MOVING.longSession])(
    'is composed like production except for the mutation: $name',
    (world) => {
      expect(traceOf(explore(world, productionWithProof(), { symmetry: true, liveness: false }))).toBe('');
    },
  );

  it.each(MUTATIONS)('is caught: $name', ({ world, rules, breaks }) => {
    const liveness = breaks === 'the legacy audience can never be closed';
    const result = explore(world, rules, { symmetry: false, liveness });
    expect(result.counterexample?.broken, traceOf(result)).toBe(breaks);
    total.caught += 1;
  });

  it.each(SECOND_LINES)('is harmless if only a second line of defence is missing: $name', ({ world, rules }) => {
    expect(traceOf(explore(world, rules, { symmetry: true, liveness: false }))).toBe('');
  });

  it('is tested without each check of the drain gate', () => {
    const names = GATE_MUTATIONS.map(({ name }) => name);
    for (const check of DRAIN_CHECKS) expect(names).toContain(`no check: ${check}`);
  });

  afterAll(() => print(`${total.caught} of ${MUTATIONS.length} mutations caught`));
});
