import { expect, test } from 'vitest';
import { createFaultBoard } from '../../src/faults/fault.ts';

test('a fault strikes its plane, as often as it was told, until it is cleared', () => {
  const faults = createFaultBoard();
  expect(faults.strike('data')).toBeUndefined();
  faults.set({ kind: 'throttle', plane: 'data', times: 2 });
  expect(faults.strike('control')).toBeUndefined();
  expect([faults.strike('data')?.kind, faults.strike('data')?.kind, faults.strike('data')?.kind]).toEqual([
    'throttle',
    'throttle',
    undefined,
  ]);
  expect(faults.active()).toEqual([]);
  faults.set('down');
  expect([faults.strike('data')?.kind, faults.strike('control')?.kind]).toEqual(['down', 'down']);
  expect(faults.active()).toEqual([{ kind: 'down' }]);
  faults.clear();
  expect(faults.strike('data')).toBeUndefined();
});

test('each plane can have a fault of its own', () => {
  const faults = createFaultBoard();
  faults.set('down');
  faults.set({ kind: 'slow', plane: 'control', delayMs: 1 });
  expect([faults.strike('data')?.kind, faults.strike('control')?.kind]).toEqual(['down', 'slow']);
  expect(faults.active()).toHaveLength(2);
});
