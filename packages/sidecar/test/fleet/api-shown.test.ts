import { expect, test } from 'vitest';
import { describeShown, faultShown } from '../../src/fleet/api-shown.ts';

test.each([
  [null, null, 'unknown'],
  [true, true, 'accepts legacy and target'],
  [true, false, 'accepts legacy only'],
  [false, true, 'accepts target only'],
  [false, false, 'refuses legacy and target'],
  [true, null, 'accepts legacy; target unknown'],
  [null, true, 'accepts target; legacy unknown'],
  [false, null, 'refuses legacy; target unknown'],
])('an API that shows legacy %s and target %s is described as %s', (legacy, target, description) => {
  expect(describeShown({ legacy, target })).toBe(description);
});

test.each([
  ['prepare', true, false, null],
  ['prepare', false, null, 'refuses_valid_tokens'],
  ['expand', true, false, 'refuses_valid_tokens'],
  ['migrate', true, true, null],
  ['migrate', null, null, null],
  ['drain', false, true, 'refuses_valid_tokens'],
  ['contract', false, true, null],
  ['contract', true, true, 'takes_closed_legacy'],
  ['contract', true, false, 'refuses_valid_tokens'],
  [null, true, false, null],
] as const)(
  'in the phase %s, an API that shows legacy %s and target %s has the fault %s',
  (phase, legacy, target, fault) => {
    expect(faultShown({ phase, shown: { legacy, target } })).toBe(fault);
  },
);
