import { UnavailableError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createCensus } from '../../src/census/census.ts';
import { createCensusObserver } from '../../src/census/census-observer.ts';

function open() {
  const census = createCensus({ now: () => 0 });
  return { census, observer: createCensusObserver(census) };
}

test('a request is noted once, when it is to be judged', () => {
  const { census, observer } = open();
  const observation = observer.observe(['Bearer opaque']);
  expect(census.read().rows).toEqual([]);
  for (let time = 0; time < 2; time += 1) expect(observation.judge()).toBeInstanceOf(UnavailableError);
  observation.settle();
  observation.responded('taken', { destroy() {} });
  observation.ended('taken');
  expect(census.read().rows).toMatchObject([{ kind: 'opaque', signature: 'unchecked', count: 1 }]);
});

test('no request waits for a judgement', () => {
  const { census, observer } = open();
  expect(observer.decide([])).toBeInstanceOf(UnavailableError);
  expect(observer.pending()).toBe(0);
  expect(census.read().rows).toMatchObject([{ kind: 'none', count: 1 }]);
});
