import { expect, test } from 'vitest';
import { createPublicPaths } from '../../src/proxy/public-paths.ts';

const PATHS = ['/health', '/public/*', '/a/b/*'];

test.each(['/health', '/health?deep=1', '/public/', '/public/x?y=/../', '/public/a/b', '/a/b/c', '/public/%20'])(
  '%s is public',
  (path) => {
    expect(createPublicPaths(PATHS)(path)).toBe(true);
  },
);

test.each([
  '/',
  '/healthz',
  '/health/',
  '/Health',
  '/%68ealth',
  '/health#x',
  '/public',
  '/publicity/',
  '/a/bc',
  '/x/public/a',
  '/orders?next=/health',
])('%s is not public', (path) => {
  expect(createPublicPaths(PATHS)(path)).toBe(false);
});

test.each([
  '/public/../orders',
  '/public/%2e%2e/orders',
  '/public/.%2E/orders',
  '/public/..;/orders',
  '/public/..%2forders',
  '/public/%252e%252e/orders',
  '/public/..\\orders',
])('%s, which may lead elsewhere, is not public', (path) => {
  expect(createPublicPaths(PATHS)(path)).toBe(false);
});

test('without settings no path is public, and /* makes every path public', () => {
  expect(createPublicPaths()('/health')).toBe(false);
  expect(createPublicPaths(['/*'])('/orders')).toBe(true);
});
