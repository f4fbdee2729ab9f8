import { expect, test } from 'vitest';
import { z } from 'zod';
import { must } from '../../src/schema/expected.ts';
import { schemaProblems } from '../../src/schema/schema-problems.ts';

const schema = z.strictObject({
  port: z.int(must('a port')),
  names: z.array(z.string(must('a name'))),
  nested: z.strictObject({ on: z.boolean(must('true or false')) }),
});

function problemsOf(value: unknown) {
  const { error } = schema.safeParse(value);
  return error === undefined ? [] : schemaProblems(error);
}

test('every problem has its dotted path, and says what is missing and what is wrong', () => {
  expect(problemsOf({ names: ['a', 1], nested: { on: 'yes' } })).toEqual([
    { path: 'port', message: 'is required: a port' },
    { path: 'names.1', message: 'must be a name' },
    { path: 'nested.on', message: 'must be true or false' },
  ]);
});

test('each unknown setting is a problem of its own, at any depth', () => {
  expect(problemsOf({ port: 1, names: [], nested: { on: true, off: 1 }, colour: 'red', shape: 'round' })).toEqual([
    { path: 'nested.off', message: 'is not a known setting: remove it' },
    { path: 'colour', message: 'is not a known setting: remove it' },
    { path: 'shape', message: 'is not a known setting: remove it' },
  ]);
});

test('what is no object at all has no path', () => {
  expect(problemsOf(null).map(({ path }) => path)).toEqual(['']);
});
