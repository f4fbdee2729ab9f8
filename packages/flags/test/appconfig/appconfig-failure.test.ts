import { BadRequestException } from '@aws-sdk/client-appconfigdata';
import { expect, it } from 'vitest';
import { classifyFailure } from '../../src/appconfig/appconfig-failure.ts';

function badRequest(Problem?: 'Corrupted' | 'Expired' | 'PollIntervalNotSatisfied') {
  const InvalidParameters = Problem === undefined ? {} : { ConfigurationToken: { Problem } };
  return new BadRequestException({ message: 'x', $metadata: { httpStatusCode: 400 }, Details: { InvalidParameters } });
}

function serviceError(httpStatusCode: number) {
  return Object.assign(new Error('x'), { $metadata: { httpStatusCode } });
}

it.each([
  ['an expired token', badRequest('Expired'), 'session_over'],
  ['a corrupted token', badRequest('Corrupted'), 'session_over'],
  ['an early poll', badRequest('PollIntervalNotSatisfied'), 'too_early'],
  ['a bad request without a reason', badRequest(), 'refused'],
  ['a bad request without details', new BadRequestException({ message: 'x', $metadata: {} }), 'refused'],
  ['another 400', serviceError(400), 'refused'],
  ['404', serviceError(404), 'not_found'],
  ['401', serviceError(401), 'denied'],
  ['403', serviceError(403), 'denied'],
  ['no credentials', Object.assign(new Error('x'), { name: 'CredentialsProviderError' }), 'unconfigured'],
  ['an expired login', Object.assign(new Error('x'), { name: 'TokenProviderError' }), 'unconfigured'],
  ['no region', new Error('Region is missing'), 'unconfigured'],
  ['429', serviceError(429), 'unavailable'],
  ['500', serviceError(500), 'unavailable'],
  ['a broken connection', new Error('x'), 'unavailable'],
  ['anything else', undefined, 'unavailable'],
])('classifies %s', (_name, error, failure) => {
  expect(classifyFailure(error)).toBe(failure);
});
