import { expect, it } from 'vitest';
import { EMPTY_FLEET } from '../../src/fleet/fleet.ts';
import { namedMeters, withoutMeters } from '../../src/fleet/without-meters.ts';

const missing = [
  { meter: 'http://10.0.0.7:9464', why: 'cannot be reached' },
  { meter: '10.0.0.8:9464', why: 'has no series' },
];

it('leaves out an instance by its address or its URL, and expects one less', () => {
  const fleet = { ...EMPTY_FLEET, expected: 4, missing };
  for (const text of ['10.0.0.7:9464', 'http://10.0.0.7:9464/'])
    expect(withoutMeters(fleet, namedMeters(text))).toMatchObject({ expected: 3, missing: [missing[1]] });
  expect(withoutMeters(fleet, namedMeters('10.0.0.7:9464, 10.0.0.8:9464'))).toMatchObject({ expected: 2, missing: [] });
});

it('expects one less for an instance that the source has forgotten', () => {
  expect(withoutMeters({ ...EMPTY_FLEET, expected: 4 }, namedMeters('10.0.0.9:9464'))).toMatchObject({ expected: 3 });
});

it('changes nothing without a name, and knows no number where there is none', () => {
  expect(withoutMeters(EMPTY_FLEET, namedMeters(undefined))).toBe(EMPTY_FLEET);
  expect(withoutMeters(EMPTY_FLEET, ['a']).expected).toBeNull();
});
