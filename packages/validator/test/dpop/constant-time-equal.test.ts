import { expect, it } from 'vitest';
import { constantTimeEqual } from '../../src/dpop/constant-time-equal.ts';

it.each([
  ['a', 'a', true],
  ['é', 'é', true],
  ['', '', true],
  ['a', 'b', false],
  ['a', 'ab', false],
  ['é', 'e', false],
])('compares "%s" and "%s": %s', (one, other, same) => {
  expect(constantTimeEqual(one, other)).toBe(same);
});
