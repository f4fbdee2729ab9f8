import { expect, test } from 'vitest';
import { placeLabels } from '../../src/page/place-labels.ts';

const SPACE = { right: 500, gap: 8, lanes: 3, moreWidth: 12 };
const at = (x: number, text: string) => ({ x, text, width: 40 });
const lanes = (labels: readonly { readonly x: number; readonly text: string; readonly width: number }[]) =>
  Object.fromEntries(placeLabels(labels, SPACE).map(({ text, lane }) => [text, lane]));

test('keeps labels in one lane that have room between them', () => {
  expect(lanes([at(0, 'prepare'), at(50, 'expand'), at(100, 'drain')])).toEqual({ prepare: 0, expand: 0, drain: 0 });
});

test('keeps the names of moves close together, each in a lane of its own', () => {
  expect(lanes([at(0, '50 %'), at(30, 'rollback'), at(60, '25 %')])).toEqual({ rollback: 0, '25 %': 1, '50 %': 1 });
  expect(lanes([at(10, '1 %'), at(11, '5 %'), at(12, '25 %')])).toEqual({ '25 %': 0, '5 %': 1, '1 %': 2 });
});

test('says how many more there are where all lanes are full', () => {
  const placed = placeLabels([at(1, '1 %'), at(2, '5 %'), at(3, '25 %'), at(4, '50 %'), at(5, 'drain')], SPACE);
  expect(placed.map(({ text, width }) => [text, width])).toEqual([
    ['drain', 40],
    ['50 %', 40],
    ['25 % +2', 52],
  ]);
});

test('keeps a label within the chart', () => {
  expect(placeLabels([at(490, 'drain')], SPACE)[0]).toMatchObject({ x: 490, start: 460 });
});
