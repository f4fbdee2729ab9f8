import { expect, it } from 'vitest';
import { describeFailure, statusOf } from '../../src/appconfig/aws-failure.ts';

function fail(properties: object): Error {
  return Object.assign(new Error('secret'), properties);
}

it.each([
  [
    'an AWS response',
    fail({ name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } }),
    'ThrottlingException, 429',
  ],
  ['a system error', fail({ code: 'ECONNREFUSED', $metadata: {} }), 'ECONNREFUSED'],
  ['a timeout of any layer', fail({ name: 'TimeoutError', code: 'ETIMEDOUT' }), 'TimeoutError'],
  ['a plain error', fail({}), 'Error'],
  ['a missing region', new Error('Region is missing'), 'Region is missing'],
  ['a value that is not an error', 'secret', 'unknown error'],
])('names %s', (_name, error, text) => {
  expect(describeFailure(error)).toBe(text);
});

it('returns a status only if there was a response', () => {
  expect(statusOf(fail({ $metadata: { httpStatusCode: 503 } }))).toBe(503);
  expect(statusOf(fail({ $metadata: undefined }))).toBeUndefined();
  expect(statusOf(undefined)).toBeUndefined();
});
