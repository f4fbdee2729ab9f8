import { expect, test } from 'vitest';
import { cleanText, isCut } from '../../src/census/text.ts';

test('a text keeps what can be shown, markup included: what shows it escapes it', () => {
  expect(cleanText('https://idp.example.com/über?a=<b>&"c"')).toBe('https://idp.example.com/über?a=<b>&"c"');
});

test.each([
  ['a terminal command', 'a\u001B[2Jb', 'a\uFFFD[2Jb'],
  ['a line break', 'a\r\nb\u2028c', 'a\uFFFD\uFFFDb\uFFFDc'],
  ['a change of direction', 'a\u202Egro', 'a\uFFFDgro'],
  ['half a character', 'a\uD800', 'a\uFFFD'],
])('%s is replaced', (_, text, shown) => {
  expect(cleanText(text)).toBe(shown);
});

test('a long text is cut, and says so', () => {
  const shown = cleanText('x'.repeat(5000));
  expect(shown).toBe(`${'x'.repeat(200)}…`);
  expect([isCut(shown), isCut('short'), isCut(null)]).toEqual([true, false, false]);
});
