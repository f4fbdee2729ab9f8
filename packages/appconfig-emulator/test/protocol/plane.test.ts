import { expect, test } from 'vitest';
import { planeOf } from '../../src/protocol/plane.ts';

test.each([
  ['/configuration?configuration_token=x', 'data'],
  ['/configurationsessions', 'data'],
  ['/applications', 'control'],
  ['/configurations', 'control'],
  ['/_emulatorx', 'control'],
  ['/', undefined],
  ['/_emulator', undefined],
  ['/_emulator/faults?x', undefined],
])('%s is of the plane %s', (url, plane) => {
  expect(planeOf(url)).toBe(plane);
});
