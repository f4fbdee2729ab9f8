import { expect, it } from 'vitest';
import { describeFailure, statusOf } from '../../src/appconfig/aws-failure.ts';

function fail(properties: object): Error {
  return Object.assign(new Error('secret'), properties);
}

it.each([
  [
    'an answer of AWS',
    fail({ name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } }),
    'ThrottlingException, 429',
  ],
  ['a system error', fail({ code: 'ECONNREFUSED', $metadata: {} }), 'ECONNREFUSED'],
  ['a timeout, whoever noticed it', fail({ name: 'TimeoutError', code: 'ETIMEDOUT' }), 'TimeoutError'],
  ['an error that is only that', fail({}), 'Error'],
  ['a region that nobody gave', new Error('Region is missing'), 'Region is missing'],
  ['what is no error', 'secret', 'unknown error'],
])('names %s', (_name, error, text) => {
  expect(describeFailure(error)).toBe(text);
});

it('knows the status only of an answer', () => {
  expect(statusOf(fail({ $metadata: { httpStatusCode: 503 } }))).toBe(503);
  expect(statusOf(fail({ $metadata: undefined }))).toBeUndefined();
  expect(statusOf(undefined)).toBeUndefined();
});
