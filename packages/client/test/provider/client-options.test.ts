import { expect, test } from 'vitest';
import { acceptanceOf, type ClientOptions, clientProblems } from '../../src/provider/client-options.ts';

test('an acceptance switch that is missing, fails or says something else means that both sides are accepted', () => {
  const broken = () => {
    throw new Error('the switch is broken');
  };
  expect(
    [{}, { acceptance: broken }, { acceptance: () => 'both' as const }].map((options) => acceptanceOf(options)()),
  ).toEqual(['both', 'both', 'both']);
  expect(acceptanceOf({ acceptance: () => 'target' })()).toBe('target');
});

test.each([undefined, null, 'x', 1])('options that are %s are one problem, and no crash', (options) => {
  expect(clientProblems(options as unknown as ClientOptions)).toHaveLength(1);
});
