import { expect, test } from 'vitest';
import { pageOf } from '../../src/protocol/pagination.ts';

test('a list is cut into pages, and only the last one has no token', () => {
  const first = pageOf([1, 2, 3], { max_results: '2' });
  expect(first.Items).toEqual([1, 2]);
  expect(pageOf([1, 2, 3], { max_results: '2', next_token: first.NextToken })).toEqual({ Items: [3] });
});

test.each([{ max_results: '0' }, { max_results: '51' }, { max_results: 'x' }, { next_token: 'x' }, { next_token: '' }])(
  'a page with %j is refused',
  (query) => {
    expect(() => pageOf([], query)).toThrow();
  },
);
