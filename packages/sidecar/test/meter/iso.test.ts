import { expect, test } from 'vitest';
import { isoOf } from '../../src/meter/iso.ts';

test.each([
  [null, null],
  [0, '1970-01-01T00:00:00.000Z'],
  [1e300, '+275760-09-13T00:00:00.000Z'],
])('%s is %s', (timeMs, iso) => {
  expect(isoOf(timeMs)).toBe(iso);
});
