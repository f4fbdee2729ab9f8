import { expect, it } from 'vitest';
import { changedContent } from '../../src/polling/changed-content.ts';

it.each([
  ['null, as the SDK has it today', null],
  ['absent, as it was from 3.929 on', undefined],
  ['an empty array, as it was before', new Uint8Array()],
])('takes a configuration that is %s for an unchanged one', (_name, configuration) => {
  expect(changedContent(configuration)).toBeNull();
});

it('gives a configuration as it is', () => {
  const bytes = new TextEncoder().encode('{}');
  expect(changedContent(bytes)).toBe(bytes);
});
