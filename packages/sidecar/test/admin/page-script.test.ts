import { expect, test } from 'vitest';
import { readPageScript } from '../../src/admin/page-script.ts';

const reader = (files: Readonly<Record<string, string>>) => (file: string) => files[file] ?? '';

test('inlines each module once, after those it imports, without imports and exports', () => {
  const script = readPageScript(
    'main.js',
    reader({
      'main.js': "import { two } from './two.js';\nimport { one } from './one.js';\ntwo(one);\n",
      'two.js': "import { one } from './one.js';\nexport function two(n) { return n + one; }\n",
      'one.js': 'export const one = 1;\n',
    }),
  );
  expect(script).toBe('const one = 1;\nfunction two(n) { return n + one; }\ntwo(one);');
});

test('leaves out a module that contained only types', () => {
  expect(readPageScript('main.js', reader({ 'main.js': 'export {};\n' }))).toBe('');
});

test.each([
  "import './side-effect.js';",
  "import all from './all.js';",
  'export default 1;',
  "export * from './all.js';",
])('throws on a statement that it cannot inline: %s', (line) => {
  expect(() => readPageScript('main.js', reader({ 'main.js': line }))).toThrow('main.js cannot be inlined');
});
