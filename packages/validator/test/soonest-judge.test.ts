import type { Judgement } from '@crossfade/core';
import { expect, test } from 'vitest';
import { offerSoonest, soonestOf } from '../src/soonest-judge.ts';

const presented = { text: 'Bearer a-token', start: 7 };
const rejection: Judgement = { outcome: 'rejected', audience: 'none', reason: 'missing_token' };

test('a judge that offers its judgements sooner is asked for those', () => {
  const judge = () => Promise.resolve(rejection);
  offerSoonest(judge, () => rejection);
  expect(soonestOf({ judge })(presented)).toBe(rejection);
});

test('the judge of an application that wraps one is never passed by', async () => {
  const judge = () => Promise.resolve(rejection);
  offerSoonest(judge, () => rejection);
  const wrapped: Judgement = { ...rejection, reason: 'bad_signature' };
  expect(await soonestOf({ judge: async () => wrapped })(presented)).toBe(wrapped);
});

test('the judge of an application gets the token alone', async () => {
  const judged: unknown[] = [];
  const judge = async (token: string | undefined) => {
    judged.push(token);
    return rejection;
  };
  await soonestOf({ judge })(presented, {});
  await soonestOf({ judge })(undefined, {});
  expect(judged).toEqual(['a-token', undefined]);
});

test('the judge of an application keeps its own object', async () => {
  const validator = {
    answer: rejection,
    async judge() {
      return this.answer;
    },
  };
  expect(await soonestOf(validator)(presented)).toBe(rejection);
});
