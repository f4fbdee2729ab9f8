import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../src/jwt/strict-json.ts';

const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe('parseStrictJson', () => {
  test.each([
    ['compact text', '{"a":1,"b":{"c":["d"]}}'],
    ['white space', ' { "a" : 1 , "b" : [ 1, 2 ] }\n'],
    ['escapes', '{"\\u0061":"\\"{[","b":"\\\\"}'],
    ['the same name in different objects', '{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x": 1}]}'],
    ['a value that looks like a name', '{"a":"b","b": "a"}'],
    ['numbers with trailing zeros', '{"exp":1.50}'],
    ['32 levels', nested(32)],
    ['many brackets without depth', `{"a":[${Array(100).fill('{}').join(',')}]}`],
    ['names of properties that every object inherits', '{"constructor":1,"toString": 2}'],
  ])('reads %s', (_, text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['invalid JSON', '{"a":1'],
    ['empty text', ''],
    ['an array', '[1]'],
    ['null', 'null'],
    ['a string', '"a"'],
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice with the same value', '{"a":1,"a":1}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a name twice with spaces around', '{"a" : 1, "a" : 2}'],
    ['a name twice deep inside', '{"a":[{"b":{"c":1,"c":2}}]}'],
    ['a name twice with another between', '{"a":1,"b":{"a":1},"a":3}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__ deep inside', '{"a":{"__proto__":1}}'],
    ['__proto__ escaped', '{"\\u005f_proto__":1}'],
    ['33 levels', nested(33)],
    ['thousands of levels', nested(5000)],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['a trailing value', '{"a":1}{"a":2}'],
  ])('rejects %s', (_, text) => {
    expect(parseStrictJson(text)).toBeUndefined();
  });

  test('agrees with JSON.parse on every object, with or without white space', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }));
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, null, space);
        fc.pre(!text.includes('__proto__'));
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('rejects every object with a duplicate name', () => {
    const name = fc.string({ maxLength: 3 });
    fc.assert(
      fc.property(name, fc.jsonValue(), fc.jsonValue(), (twice, one, other) => {
        const quoted = JSON.stringify(twice);
        const text = `{"first": 1, ${quoted}: ${JSON.stringify(one)}, ${quoted} : ${JSON.stringify(other)}}`;
        expect(parseStrictJson(text)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });
});
