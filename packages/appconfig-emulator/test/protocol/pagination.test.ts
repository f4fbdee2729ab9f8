import { expect, test } from 'vitest';
import { paginate } from '../../src/protocol/pagination.ts';

test('a list is split into pages, and only the last one has no token', () => {
  const first = paginate([1, 2, 3], { max_results: '2' });
  expect(first.Items).toEqual([1, 2]);
  expect(paginate([1, 2, 3], { max_results: '2', next_token: first.NextToken })).toEqual({ Items: [3] });
});

test.each([{ max_results: '0' }, { max_results: '51' }, { max_results: 'x' }, { next_token: 'x' }, { next_token: '' }])(
  'a page with %j is rejected',
  (query) => {
    expect(() => paginate([], query)).toThrow();
  },
);
