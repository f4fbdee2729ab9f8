import type { RecordedMove, RecordedPosition } from '@crossfade/core';
import { expect, it } from 'vitest';
import { phasesOf } from '../../src/audit/phases.ts';

const at = (atMs: number, to?: RecordedPosition, state: RecordedMove['state'] = 'written'): RecordedMove => ({
  atMs,
  state,
  id: `revision ${atMs}`,
  revision: null,
  ...(to && { to }),
});
const both = (percent: number): RecordedPosition => ({ percent, acceptance: 'both' });

it('derives the phases from the moves, and joins what is one phase', () => {
  const moves = [
    at(1, both(0)),
    at(2, both(5)),
    at(3, both(50)),
    at(4, both(100)),
    at(5, { percent: 100, acceptance: 'target' }),
  ];
  expect(phasesOf(moves.toReversed())).toEqual({
    phases: [
      { phase: 'expand', startedMs: 1, endedMs: 2 },
      { phase: 'migrate', startedMs: 2, endedMs: 4 },
      { phase: 'drain', startedMs: 4, endedMs: 5 },
      { phase: 'contract', startedMs: 5, endedMs: null },
    ],
    unknown: 0,
  });
});

it('leaves out what was rolled back, and counts what is not known', () => {
  const moves = [at(1, both(0)), at(2, both(50), 'rolled_back'), at(3), at(4, both(5), 'reverted')];
  const { phases, unknown } = phasesOf(moves.toReversed());
  expect(phases.map(({ phase }) => phase)).toEqual(['expand', 'migrate']);
  expect(unknown).toBe(2);
});
