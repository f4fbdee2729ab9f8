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
    ['rlback', 'rollback'],
  ])('reads "%s" as "%s"', (typed, meant) => expect(didYouMean(typed, VERBS)).toBe(meant));

  it('prefers a name that holds the typed word to one that is spelled alike', () => {
    expect(didYouMean('clients', ['clientIds', 'allowedClients'])).toBe('allowedClients');
  });

  it('prefers a name that is one slip away to one that holds the typed word', () => {
    expect(didYouMean('audiences', ['foreignAudiences', 'audience'])).toBe('audience');
  });

  it.each(['', 'x', 'dance-macabre', 'roulette'])('suggests nothing for "%s"', (typed) => {
    expect(didYouMean(typed, VERBS)).toBeUndefined();
  });
});
