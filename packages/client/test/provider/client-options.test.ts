import { expect, test } from 'vitest';
import { acceptanceOf } from '../../src/provider/client-options.ts';

test('an acceptance switch that is missing, fails or says something else means that both sides are accepted', () => {
  const broken = () => {
    throw new Error('the switch is broken');
  };
  expect(
    [{}, { acceptance: broken }, { acceptance: () => 'both' as const }].map((options) => acceptanceOf(options)()),
  ).toEqual(['both', 'both', 'both']);
  expect(acceptanceOf({ acceptance: () => 'target' })()).toBe('target');
});
