import { expect, test } from 'vitest';
import { UnexpectedResponseError } from '../../src/http/fetch-json.ts';
import { TimeoutError } from '../../src/http/timeout.ts';
import { describeKeyFailure } from '../../src/keys/key-failure.ts';
import { UnusableKeysError } from '../../src/keys/unusable-keys-error.ts';

const URL_WITH_SECRET = new URL('https://idp.example.com/jwks?key=secret');
const gone = new UnexpectedResponseError(URL_WITH_SECRET, 'answered 404', 404);
const broken = new UnexpectedResponseError(URL_WITH_SECRET, 'answered 503', 503);
const refused = new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });

test.each([
  [gone, 'answered 404', true],
  [broken, 'answered 503', false],
  [new UnexpectedResponseError(URL_WITH_SECRET, 'answered 429', 429), 'answered 429', false],
  [new UnexpectedResponseError(URL_WITH_SECRET, 'did not answer with JSON'), 'did not answer with JSON', true],
  [new UnusableKeysError(URL_WITH_SECRET, undefined), 'publishes no key that can be used', false],
  [new TimeoutError(5000), 'did not respond in time', false],
  [refused, 'cannot be reached (ECONNREFUSED)', false],
  [new TypeError('fetch failed'), 'cannot be reached', false],
  ['thrown', 'cannot be reached', false],
  [new AggregateError([broken, gone]), 'answered 503', false],
  [new AggregateError([gone, gone]), 'answered 404', true],
  [new AggregateError([]), 'has no metadata', true],
])('describes %s without its URL', (error, what, isDefinite) => {
  expect(describeKeyFailure(error)).toEqual({ what, isDefinite });
});
