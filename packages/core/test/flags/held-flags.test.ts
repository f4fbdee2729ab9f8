import { expect, it } from 'vitest';
import { compareFlags, type HeldFlags, isOtherStore } from '../../src/flags/held-flags.ts';

const HELD: HeldFlags = { source: 'appconfig orders/production/crossfade', hash: '0c1d2e3f4a5b', percent: 25 };

it.each<[string, Partial<HeldFlags>, ReturnType<typeof compareFlags>]>([
  ['equal where the hashes are, whatever the revision', {}, 'equal'],
  [
    'another document where the hashes differ, although the shares are equal',
    { hash: '999999999999' },
    'other_document',
  ],
  ['another store, although the hashes are equal', { source: 'appconfig orders/staging/crossfade' }, 'other_store'],
  ['another document where a share alone tells', { hash: null, percent: 50 }, 'other_document'],
  ['unknown where equal shares are all that is told', { hash: null }, 'unknown'],
  ['unknown where nothing is told', { source: null, hash: null, percent: null }, 'unknown'],
])('compares flags: %s', (_what, difference, comparison) => {
  expect(compareFlags(HELD, { ...HELD, ...difference })).toBe(comparison);
  expect(compareFlags({ ...HELD, ...difference }, HELD)).toBe(comparison);
});

it('takes two flag files for one store, because their paths differ from machine to machine', () => {
  expect(isOtherStore('file /etc/crossfade/flags.json', 'file /tmp/flags.json')).toBe(false);
  expect(isOtherStore('file /tmp/flags.json', HELD.source)).toBe(true);
});
