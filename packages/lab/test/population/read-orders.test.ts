import { describe, expect, it } from 'vitest';
import { readOrders } from '../../src/population/read-orders.ts';

describe('the response to a valid token', () => {
  it('counts as accepted when it has orders, with the side of the token', () => {
    const body = JSON.stringify({ orders: [], audience: 'legacy' });
    expect(readOrders({ status: 200, body })).toEqual({ outcome: 'accepted', side: 'legacy' });
  });

  it.each([401, 403, 500, 502, 503, 504])('is a rejection with status %i', (status) => {
    expect(readOrders({ status, body: '' })).toEqual({ outcome: 'rejected', status });
  });

  it.each([
    [400, 'no login is under way'],
    [404, ''],
    [200, 'a login page'],
    [200, '{"orders":[]}'],
  ])('is of no use with status %i and body %j', (status, body) => {
    expect(readOrders({ status, body })).toMatchObject({ outcome: 'unavailable' });
  });
});
