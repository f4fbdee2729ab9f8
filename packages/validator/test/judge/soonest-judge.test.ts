import type { Judgement } from '@crossfade/core';
import { expect, test } from 'vitest';
import { offerSoonest, soonestOf } from '../../src/judge/soonest-judge.ts';
import type { JudgementContext } from '../../src/request/judgement-context.ts';

const rejection: Judgement = { outcome: 'rejected', audience: 'none', reason: 'missing_token' };
const proof = { method: 'GET', url: 'https://api.example.com/orders', dpop: ['a-proof'] };

test('a judge that offers its judgements sooner is asked for those', () => {
  const judge = () => Promise.resolve(rejection);
  offerSoonest(judge, () => () => rejection);
  expect(soonestOf({ judge })('Bearer a-token')).toBe(rejection);
});

test('the judge of an application that wraps one is never passed by', async () => {
  const judge = () => Promise.resolve(rejection);
  offerSoonest(judge, () => () => rejection);
  const wrapped: Judgement = { ...rejection, reason: 'bad_signature' };
  expect(await soonestOf({ judge: async () => wrapped })('Bearer a-token')).toBe(wrapped);
});

test('the judge of an application gets the token, its scheme and what the request shows beside it', async () => {
  const judged: unknown[] = [];
  const judge = async (token: string | undefined, context?: JudgementContext) => {
    judged.push([token, context]);
    return rejection;
  };
  const judgeRequest = soonestOf<{ dpop: boolean }>({ judge }, ({ dpop }) => (dpop ? proof : undefined));
  await judgeRequest('Bearer a-token', { dpop: false });
  await judgeRequest(['DPoP a-token'], { dpop: true });
  await judgeRequest(undefined, { dpop: true });
  expect(judged).toEqual([
    ['a-token', { scheme: 'Bearer' }],
    ['a-token', { scheme: 'DPoP', proof }],
    [undefined, undefined],
  ]);
});

test('the judge of an application keeps its own object', async () => {
  const validator = {
    answer: rejection,
    async judge() {
      return this.answer;
    },
  };
  expect(await soonestOf(validator)('Bearer a-token')).toBe(rejection);
});
