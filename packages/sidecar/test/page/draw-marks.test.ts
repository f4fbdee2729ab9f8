import { expect, test } from 'vitest';
import { labelsThatFit } from '../../src/page/draw-marks.ts';

const at = (start: number, text: string) => ({ text, start, width: 40 });
const texts = (labels: readonly { readonly text: string }[]) => labels.map(({ text }) => text).toSorted();

test('keeps all labels that have room between them', () => {
  expect(texts(labelsThatFit([at(0, 'prepare'), at(50, 'expand'), at(100, 'drain')], 8))).toEqual([
    'drain',
    'expand',
    'prepare',
  ]);
});

test('keeps the newer of two labels that overlap', () => {
  expect(texts(labelsThatFit([at(0, 'prepare'), at(47, 'expand')], 8))).toEqual(['expand']);
});

test('keeps a rollback, whatever overlaps with it', () => {
  expect(texts(labelsThatFit([at(0, '50 %'), at(30, 'rollback'), at(60, '25 %')], 8))).toEqual(['rollback']);
});
