import { expect, it } from 'vitest';
import { publishedIssuanceSchema } from '../../src/status.ts';

const position = { enabled: true, percent: 25, revision: '7', stale: false };

it('reads a position, and ignores members that it does not know', () => {
  expect(publishedIssuanceSchema.parse({ ...position, region: 'eu' })).toEqual(position);
});

it.each([
  ['a percentage above 100', { ...position, percent: 101 }],
  ['a percentage that is text', { ...position, percent: '25' }],
  ['no percentage', { enabled: true, revision: '7', stale: false }],
  ['no revision', { enabled: true, percent: 1, stale: false }],
])('refuses %s', (_, value) => {
  expect(publishedIssuanceSchema.safeParse(value).success).toBe(false);
});
