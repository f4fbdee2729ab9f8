import type { ObservedAcceptance, Side } from '@crossfade/core';
import { expect, test } from 'vitest';
import type { KeyStatus } from '../../src/index.ts';
import { createSeenKeys, enforcedAcceptance } from '../../src/meter/seen-keys.ts';

const refreshes = { success: 0, failure: 1 };

function open(sides: readonly Side[], missing: Set<Side>) {
  const keys = (): KeyStatus[] =>
    sides.map((side) => ({ side, ageSeconds: null, refreshes, ...(missing.has(side) && { missing: 'it is down' }) }));
  return createSeenKeys({ keys });
}

test('remembers keys that were there, and names the sides that never had any', () => {
  const missing = new Set<Side>(['target']);
  const seen = open(['legacy', 'target'], missing);
  expect(seen.missing()).toEqual([{ side: 'target', reason: 'it is down' }]);
  missing.add('legacy');
  expect(seen.missing()).toEqual([{ side: 'target', reason: 'it is down' }]);
  missing.delete('target');
  expect(seen.missing()).toEqual([]);
  missing.add('target');
  expect(seen.missing()).toEqual([]);
});

test.each<[ObservedAcceptance, readonly Side[], Record<Side, boolean | null>]>([
  ['both', [], { legacy: true, target: true }],
  ['both', ['target'], { legacy: true, target: null }],
  ['both', ['legacy'], { legacy: null, target: true }],
  ['target', ['legacy'], { legacy: false, target: true }],
  ['target', ['target'], { legacy: false, target: null }],
  ['legacy', ['target'], { legacy: true, target: false }],
])('a switch at %s without the keys of [%s] shows %j', (acceptance, missing, shown) => {
  expect(enforcedAcceptance(acceptance, open(['legacy', 'target'], new Set(missing)))).toEqual(shown);
});

test('a plan without target refuses it', () => {
  expect(enforcedAcceptance('legacy', open(['legacy'], new Set()))).toEqual({ legacy: true, target: false });
});
