import { expect, test } from 'vitest';
import { createTally } from '../../src/census/tally.ts';

test('what comes most often stays listed while others come and go', () => {
  const tally = createTally<string>(3);
  const dropped: string[] = [];
  const note = (name: string) =>
    tally.note(
      name,
      () => name,
      (entry) => dropped.push(entry),
    );
  for (let round = 0; round < 200; round += 1) {
    note('real');
    note(`made-up-${round}`);
  }
  expect(tally.values()).toContain('real');
  expect(tally.values()).toHaveLength(3);
  expect(dropped).toHaveLength(198);
  expect(dropped).not.toContain('real');
});

test('what comes often is listed even if made-up names came first', () => {
  const tally = createTally<string>(10);
  for (let round = 0; round < 1000; round += 1) tally.note(`made-up-${round}`, String, () => undefined);
  for (let round = 0; round < 2000; round += 1) {
    tally.note(`later-${round}`, String, () => undefined);
    if (round % 4 === 0)
      tally.note(
        'real',
        () => 'real',
        () => undefined,
      );
  }
  expect(tally.values()).toContain('real');
});

test('an entry that is listed is recalled, another is not', () => {
  const tally = createTally<string>(1);
  tally.note(
    'a',
    () => 'first',
    () => undefined,
  );
  expect([tally.recall('a'), tally.recall('b')]).toEqual(['first', undefined]);
  expect(
    tally.note(
      'a',
      () => 'second',
      () => undefined,
    ),
  ).toBe('first');
});
