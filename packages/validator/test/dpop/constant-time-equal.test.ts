import { expect, it } from 'vitest';
import { constantTimeEqual } from '../../src/dpop/constant-time-equal.ts';

it.each([
  ['a', 'a', true],
  ['é', 'é', true],
  ['', '', true],
  ['a', 'b', false],
  ['a', 'ab', false],
  ['é', 'e', false],
])('says whether "%s" and "%s" are the same: %s', (one, other, same) => {
  expect(constantTimeEqual(one, other)).toBe(same);
});
