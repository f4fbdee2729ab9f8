import { expect, test } from 'vitest';
import { labelsThatFit } from '../../src/page/labels-that-fit.ts';

const at = (start: number, text: string) => ({ text, start, width: 40 });
const texts = (labels: readonly { readonly text: string }[]) => labels.map(({ text }) => text).toSorted();

test('labels with room between them all stand', () => {
  expect(texts(labelsThatFit([at(0, 'prepare'), at(50, 'expand'), at(100, 'drain')], 8))).toEqual([
    'drain',
    'expand',
    'prepare',
  ]);
});

test('of two that clash the newer one stands', () => {
  expect(texts(labelsThatFit([at(0, 'prepare'), at(47, 'expand')], 8))).toEqual(['expand']);
});

test('a rollback stands, whatever clashes with it', () => {
  expect(texts(labelsThatFit([at(0, '50 %'), at(30, 'rollback'), at(60, '25 %')], 8))).toEqual(['rollback']);
});
