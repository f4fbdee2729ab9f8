import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../src/schema/did-you-mean.ts';

const VERBS = ['status', 'advance', 'rollback', 'gate'];

describe('didYouMean', () => {
  it.each([
    ['stauts', 'status'],
    ['roll', 'rollback'],
    ['rolback', 'rollback'],
    ['advanec', 'advance'],
    ['gaet', 'gate'],
  ])('reads "%s" as "%s"', (typed, meant) => expect(didYouMean(typed, VERBS)).toBe(meant));

  it.each(['', 'x', 'dance-macabre', 'roulette'])('suggests nothing for "%s"', (typed) => {
    expect(didYouMean(typed, VERBS)).toBeUndefined();
  });
});
