import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalTargetUri } from '../../src/dpop/target-uri.ts';

const PLAIN = 'https://api.example.com/orders/a~b';

describe('normalTargetUri', () => {
  test.each([
    ['a normal URI', PLAIN],
    ['a scheme and host in capitals', 'HTTPS://API.Example.COM/orders/a~b'],
    ['the default port', 'https://api.example.com:443/orders/a~b'],
    ['an empty port', 'https://api.example.com:/orders/a~b'],
    ['a needless escape', 'https://api.example.com/orders/a%7Eb'],
    ['a needless escape in small letters', 'https://api.example.com/orders/a%7eb'],
    ['dot segments', 'https://api.example.com/x/../orders/./a~b'],
    ['a query', `${PLAIN}?page=2`],
    ['a fragment', `${PLAIN}#top`],
  ])('normalizes %s', (_, uri) => {
    expect(normalTargetUri(uri)).toBe(PLAIN);
  });

  test('treats an empty path as the root, and normalizes escapes', () => {
    expect(normalTargetUri('http://localhost:8080')).toBe('http://localhost:8080/');
    expect(normalTargetUri('https://a.example/%e2%82%ac')).toBe(normalTargetUri('https://a.example/%E2%82%AC'));
  });

  test.each([
    ['scheme', 'http://api.example.com/orders/a~b'],
    ['host', 'https://api.example.org/orders/a~b'],
    ['host, by a dot', 'https://api.example.com./orders/a~b'],
    ['port', 'https://api.example.com:8443/orders/a~b'],
    ['path', 'https://api.example.com/orders/a~c'],
    ['case of the path', 'https://api.example.com/Orders/a~b'],
    ['trailing slash', 'https://api.example.com/orders/a~b/'],
    ['doubled slash', 'https://api.example.com//orders/a~b'],
    ['escaped slash, which is not a separator', 'https://api.example.com/orders%2Fa~b'],
  ])('distinguishes URIs that differ in %s', (_, uri) => {
    expect(normalTargetUri(uri)).toBeDefined();
    expect(normalTargetUri(uri)).not.toBe(PLAIN);
  });

  test.each([
    '',
    'orders',
    '/orders/a~b',
    '//api.example.com/orders',
    'https:',
    'https://',
    'ftp://api.example.com/orders',
    'javascript:alert(1)',
    'https://user@api.example.com/orders',
    'https://user:secret@api.example.com/orders',
    'https://api.example.com\\orders',
    'https://api.example.com/or ders',
    'https://api.example.com/or\nders',
    ' https://api.example.com/orders',
    'https://api.example.com/ördrar',
    'https://api.example.com:99999/orders',
    'https://[::1/orders',
  ])('rejects %j', (uri) => {
    expect(normalTargetUri(uri)).toBeUndefined();
  });

  test('is idempotent', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (uri) => {
        const normal = normalTargetUri(uri);
        if (normal !== undefined) expect(normalTargetUri(normal)).toBe(normal);
      }),
    );
  });
});
