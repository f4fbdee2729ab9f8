import type { Judgement } from '@crossfade/core';
import { expect, test } from 'vitest';
import { offerSoonest, soonestOf } from '../src/soonest-judge.ts';

const rejection: Judgement = { outcome: 'rejected', audience: 'none', reason: 'missing_token' };

test('a judge that offers its judgements sooner is asked for those', () => {
  const judge = () => Promise.resolve(rejection);
  offerSoonest(judge, () => rejection);
  expect(soonestOf({ judge })('a token')).toBe(rejection);
});

test('the judge of an application that wraps one is never passed by', async () => {
  const judge = () => Promise.resolve(rejection);
  offerSoonest(judge, () => rejection);
  const wrapped: Judgement = { ...rejection, reason: 'bad_signature' };
  expect(await soonestOf({ judge: async () => wrapped })('a token')).toBe(wrapped);
});

test('the judge of an application keeps its own object', async () => {
  const validator = {
    answer: rejection,
    async judge() {
      return this.answer;
    },
  };
  expect(await soonestOf(validator)('a token')).toBe(rejection);
});
