import { expect, it } from 'vitest';
import { exactName, exactNames } from '../../src/schema/exact-name.ts';

function problem(schema: ReturnType<typeof exactName | typeof exactNames>, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

it.each([
  'default-api',
  'api://orders',
  '72f988bf-86f1-41af-91ab-2d7cd011db47',
  'My API',
  'https://api.example.com/?a=1',
])('takes the name %j', (name) => expect(exactName('a name').safeParse(name).success).toBe(true));

it.each([
  ['', 'must be a name'],
  [undefined, 'is required: a name'],
  [' orders', 'white space at an end'],
  ['orders\n', 'a control character'],
  ['or\u200bders', undefined],
  ['\ufefforders', 'a control character'],
  ['https://login.example.com/{tenantid}', 'a template, such as {tenantid}'],
  ['<your-api>', 'a template'],
  ['$(API)', 'a template'],
  ['https://*.example.com', 'a wildcard'],
  ['undefined', 'what a missing value turns into'],
  ['[object Object]', 'what a missing value turns into'],
])('says of the name %j: %s', (name, message) => {
  if (message === undefined) expect(problem(exactName('a name'), name)).toBeUndefined();
  else expect(problem(exactName('a name'), name)).toContain(message);
});

it('takes one name or a list of them', () => {
  const names = exactNames('a name');
  expect(names.parse('a')).toBe('a');
  expect(names.parse(['a', 'b'])).toEqual(['a', 'b']);
  expect(problem(names, [])).toContain('must be a name');
  expect(problem(names, ['a', '*'])).toContain('a wildcard');
  expect(problem(names, 7)).toBe('must be a name, or a list of them');
});
