import { expect, it } from 'vitest';
import { storedRevision } from '../../src/polling/stored-revision.ts';

it.each([
  ['{"issue-target":{"enabled":false,"revision":"8"}}', '8'],
  ['{"issue-target":{"enabled":true,"revision":9}}', '9'],
  ['{"issue-target":{"enabled":false}}', null],
  ['{"issue-target":{"enabled":false,"revision":{}}}', null],
  ['{}', null],
])('reads the revision of %s', (text, revision) => {
  expect(storedRevision(text)).toBe(revision);
});
