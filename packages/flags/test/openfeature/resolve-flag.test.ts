import { DEFAULT_FLAG_DOCUMENT, type FlagDocument } from '@crossfade/core';
import { expect, it } from 'vitest';
import { flagNames, resolveFlag } from '../../src/openfeature/resolve-flag.ts';

const DOCUMENT: FlagDocument = {
  ...DEFAULT_FLAG_DOCUMENT,
  acceptance: 'target',
  acceptanceSinceMs: 0,
  issuance: { enabled: true, percent: 12.5, revision: '7', sinceMs: null },
  features: new Map([['dash-beta', true]]),
};

it.each([
  ['issue-target', { enabled: true, percent: 12.5, whole: { enabled: true, percent: 12.5, revision: '7' } }],
  ['accept-legacy', { enabled: false, whole: { enabled: false, since: '1970-01-01T00:00:00.000Z' } }],
  ['dash-beta', { enabled: true, whole: { enabled: true } }],
  ['dash-public', undefined],
])('resolves %s', (name, flag) => {
  expect(resolveFlag(DOCUMENT, name)).toEqual(flag);
});

it('resolves the switches in every document', () => {
  expect(flagNames(DEFAULT_FLAG_DOCUMENT)).toEqual(['issue-target', 'accept-legacy']);
  expect(resolveFlag(DEFAULT_FLAG_DOCUMENT, 'accept-legacy')).toEqual({ enabled: true, whole: { enabled: true } });
  expect(resolveFlag(DEFAULT_FLAG_DOCUMENT, 'issue-target')).toMatchObject({ enabled: false, percent: 0 });
});
