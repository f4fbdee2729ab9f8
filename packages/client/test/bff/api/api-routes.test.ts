import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createApiRoutes } from '../../../src/bff/api/api-routes.ts';

const routes = createApiRoutes({
  '/api/': 'https://orders.example.com/v1',
  '/api/billing/': 'https://billing.example.com',
  '/root/': 'http://127.0.0.1:3000/',
});

const target = (path: string) => {
  const found = routes(new URL(`https://app.example.com${path}`));
  return found && ('invalid' in found ? found.invalid : found.target.href);
};

test.each([
  ['/api/today', 'https://orders.example.com/v1/today'],
  ['/api/', 'https://orders.example.com/v1/'],
  ['/api/billing/1', 'https://billing.example.com/1'],
  ['/api/billing', 'https://orders.example.com/v1/billing'],
  ['/api/a%2Fb%20c;v=1/?q=%2e%2e&q', 'https://orders.example.com/v1/a%2Fb%20c;v=1/?q=%2e%2e&q'],
  ['/api//evil.example/', 'https://orders.example.com/v1//evil.example/'],
  ['/api/https://evil.example/', 'https://orders.example.com/v1/https://evil.example/'],
  ['/root/@evil.example/', 'http://127.0.0.1:3000/@evil.example/'],
  ['/api/...', 'https://orders.example.com/v1/...'],
  ['/api/a..b/.c', 'https://orders.example.com/v1/a..b/.c'],
  ['/api', undefined],
  ['/apis/today', undefined],
  ['/%61pi/today', undefined],
  ['//api/today', undefined],
])('%s leads to %s', (path, href) => {
  expect(target(path)).toBe(href);
});

test.each([
  '..%2fx',
  '%2e%2e%2fx',
  '..;/x',
  '..%5cx',
  '%252e%252e/x',
  'x/%2E%2E;a=b',
  '.%2e%2f',
  '..%3b/x',
  '%c0%af/..%2f',
  '..%3fx',
  '..%00',
  'x%250a',
])('a path with %s is refused', (path) => {
  expect(target(`/api/${path}`)).toBe('path');
});

test('no path leads to another server, or out of the path of the API', () => {
  const pieces = fc.constantFrom(
    '.',
    '..',
    '/',
    '//',
    '\\',
    '%2e',
    '%2f',
    '%5c',
    '%25',
    '%00',
    ';',
    '@',
    ':',
    '?',
    '#',
    'a',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const href = target(`/api/${parts.join('')}`);
      if (href === undefined || href === 'path') return;
      const { origin, pathname } = new URL(href);
      expect(`${origin}${pathname}`.startsWith('https://orders.example.com/v1/')).toBe(true);
      // A server that decodes the path, whatever it takes for a separator, stays inside.
      const decoded = decodeURIComponent(pathname.replaceAll(/%(?![0-9a-f]{2})/gi, '%25')).replaceAll('\\', '/');
      expect(new URL(decoded.replaceAll(/;[^/]*/g, '').replaceAll(/[?#]/g, ''), origin).pathname).toMatch(/^\/+v1\//);
    }),
    { numRuns: 2000 },
  );
});
