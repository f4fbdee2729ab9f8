import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../src/verb/did-you-mean.ts';

const VERBS = ['status', 'advance', 'rollback', 'gate'];

describe('didYouMean', () => {
  it.each([
    ['stauts', 'status'],
    ['roll', 'rollback'],
    ['rolback', 'rollback'],
    ['advanec', 'advance'],
    ['gaet', 'gate'],
  ])('takes %s for %s', (typed, meant) => expect(didYouMean(typed, VERBS)).toBe(meant));

  it.each(['', 'x', 'dance-macabre', 'roulette'])('takes "%s" for nothing', (typed) => {
    expect(didYouMean(typed, VERBS)).toBeUndefined();
  });
});
