import { expect, test } from 'vitest';
import { isConnectionLoss, isIdempotent } from '../../src/http/retry.ts';

test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('%s has the same effect twice', (method) => {
  expect(isIdempotent(method)).toBe(true);
});

test.each(['POST', 'PATCH', 'REPORT', 'get'])('%s may have another effect twice', (method) => {
  expect(isIdempotent(method)).toBe(false);
});

test.each([
  ['ECONNRESET', true],
  ['EPIPE', true],
  ['ECONNREFUSED', false],
  ['ETIMEDOUT', false],
  ['HPE_INVALID_CONSTANT', false],
])('%s: the API may not have read the request: %s', (code, expected) => {
  expect(isConnectionLoss(Object.assign(new Error('x'), { code }))).toBe(expected);
});
