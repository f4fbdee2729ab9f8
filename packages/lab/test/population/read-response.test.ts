import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/population/read-response.ts';

describe('an answer to a valid token', () => {
  it('is accepted when it brings orders, and says of which side the token was', () => {
    const body = JSON.stringify({ orders: [], audience: 'legacy' });
    expect(readAnswer({ status: 200, body })).toEqual({ outcome: 'accepted', side: 'legacy' });
  });

  it.each([401, 403, 500, 502, 503, 504])('is a rejection with status %i', (status) => {
    expect(readAnswer({ status, body: '' })).toEqual({ outcome: 'rejected', status });
  });

  it.each([
    [400, 'no login is under way'],
    [404, ''],
    [200, 'a login page'],
    [200, '{"orders":[]}'],
  ])('is of no use with status %i and body %j', (status, body) => {
    expect(readAnswer({ status, body })).toMatchObject({ outcome: 'unavailable' });
  });
});
