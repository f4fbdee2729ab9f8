import { expect, test } from 'vitest';
import { createRecentMix } from '../../src/fleet/recent-mix.ts';
import { NOW_MS, readingWith } from '../fixture/readings.ts';

const at = (legacy: number, target: number, process: string | null = 'a3c1') =>
  readingWith({ process, mix: { legacy, target, bridge: 0 }, mixSince: '2026-01-01T00:00:00Z' });

test('shows all that a process counted until there is an earlier reading', () => {
  expect(createRecentMix().narrow(at(7, 3), NOW_MS)).toEqual(at(7, 3));
});

test('shows what was counted since the first reading of the last minute', () => {
  const recent = createRecentMix();
  recent.narrow(at(7, 3), NOW_MS);
  recent.narrow(at(8, 3), NOW_MS + 30_000);
  const { mix, mixSince } = recent.narrow(at(9, 13), NOW_MS + 80_000);
  expect(mix).toEqual({ legacy: 1, target: 10, bridge: 0 });
  expect(mixSince).toBe('2026-03-01T12:00:30.000Z');
});

test('begins again with each process', () => {
  const recent = createRecentMix();
  recent.narrow(at(7, 3), NOW_MS);
  expect(recent.narrow(at(1, 0, 'b7'), NOW_MS + 5000).mix).toEqual({ legacy: 1, target: 0, bridge: 0 });
});

test('shows no negative counts of a sidecar without a process id that restarted', () => {
  const recent = createRecentMix();
  recent.narrow(at(7, 3, null), NOW_MS);
  expect(recent.narrow(at(1, 5, null), NOW_MS + 5000).mix).toEqual({ legacy: 0, target: 2, bridge: 0 });
});

test('leaves an unknown mix unknown', () => {
  expect(createRecentMix().narrow(readingWith({ mix: null }), NOW_MS).mix).toBeNull();
});
