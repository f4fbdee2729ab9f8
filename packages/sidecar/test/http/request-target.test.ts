import { expect, test } from 'vitest';
import { readRequestTarget } from '../../src/http/request-target.ts';

test.each([
  ['/', '', { path: '/' }],
  ['/a?b=c', '', { path: '/a?b=c' }],
  ['/a', '/base', { path: '/base/a' }],
  ['//a', '/base', { path: '/base//a' }],
  ['http://host:81/a?b', '', { path: '/a?b', host: 'host:81' }],
  ['HTTPS://host', '/base', { path: '/base/', host: 'host' }],
  ['http://host?q', '', { path: '/?q', host: 'host' }],
])('%s with the prefix "%s" goes to %j', (target, prefix, expected) => {
  expect(readRequestTarget(target, prefix)).toEqual(expected);
});

test.each(['*', '', 'host:443', 'http://', 'http://user@host/', 'ftp://host/'])(
  '"%s" is not a request target',
  (target) => {
    expect(readRequestTarget(target, '')).toBeUndefined();
  },
);
