import { expect, test } from 'vitest';
import { createFaultBoard } from '../../src/faults/fault-board.ts';

test('a fault applies to its plane, as many times as it is set to, until it is cleared', () => {
  const faults = createFaultBoard();
  expect(faults.nextFault('data')).toBeUndefined();
  faults.set({ kind: 'throttle', plane: 'data', times: 2 });
  expect(faults.nextFault('control')).toBeUndefined();
  expect([faults.nextFault('data')?.kind, faults.nextFault('data')?.kind, faults.nextFault('data')?.kind]).toEqual([
    'throttle',
    'throttle',
    undefined,
  ]);
  expect(faults.active()).toEqual([]);
  faults.set('down');
  expect([faults.nextFault('data')?.kind, faults.nextFault('control')?.kind]).toEqual(['down', 'down']);
  expect(faults.active()).toEqual([{ kind: 'down' }]);
  faults.clear();
  expect(faults.nextFault('data')).toBeUndefined();
});

test('each plane can have a fault of its own', () => {
  const faults = createFaultBoard();
  faults.set('down');
  faults.set({ kind: 'slow', plane: 'control', delayMs: 1 });
  expect([faults.nextFault('data')?.kind, faults.nextFault('control')?.kind]).toEqual(['down', 'slow']);
  expect(faults.active()).toHaveLength(2);
});
