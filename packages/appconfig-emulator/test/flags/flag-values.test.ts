import { expect, test } from 'vitest';
import { flagSet } from '../../src/flags/flag-set.ts';
import { flagValues } from '../../src/flags/flag-values.ts';

test('the data plane returns only values, and only `enabled: false` for a disabled flag', () => {
  const flags = {
    on: { name: 'On', attributes: { percent: {} } },
    off: { attributes: { percent: {} } },
    unset: {},
    constructor: {},
  };
  const values = { on: { enabled: true, percent: 25, _createdAt: 'then' }, off: { enabled: false, percent: 25 } };
  expect(flagValues({ version: '1', flags, values })).toEqual({
    on: { enabled: true, percent: 25 },
    off: { enabled: false },
    unset: { enabled: false },
    constructor: { enabled: false },
  });
});

test('a multi-variant flag keeps its variants: only the AppConfig Agent evaluates them', () => {
  const variants = [{ name: 'rest', enabled: true }];
  const document = flagSet.parse({ version: '1', flags: { many: {} }, values: { many: { _variants: variants } } });
  expect(flagValues(document)).toEqual({
    many: { _variants: variants },
  });
});

test('a document without flags is an empty object', () => {
  expect(flagValues({ version: '1' })).toEqual({});
});
