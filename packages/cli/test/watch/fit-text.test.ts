import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cleanText, fitText, widthOf, wrapText } from '../../src/watch/fit-text.ts';

it('lets no control character reach the terminal', () => {
  expect(cleanText('a\u001B[2Jb\u0007c\nd\u202Ee\u009B31mf')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(cleanText('alice: "fix" – ok 日本')).toBe('alice: "fix" – ok 日本');
});

it('keeps every text within its columns, whatever it is made of', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 120 }).map(cleanText);
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 4 }), (any, columns, lines) => {
      expect(widthOf(fitText(any, columns))).toBeLessThanOrEqual(columns);
      const wrapped = wrapText(any, Math.max(2, columns), lines);
      expect(wrapped.length).toBeLessThanOrEqual(lines);
      for (const line of wrapped) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(2, columns));
    }),
  );
});

it('breaks at spaces and marks what was cut', () => {
  expect(wrapText('one two three four', 9, 2)).toEqual(['one two', 'three fo…']);
  expect(wrapText('日本語日本語', 5, 9)).toEqual(['日本', '語日', '本語']);
  expect(wrapText('', 5, 2)).toEqual(['']);
});
