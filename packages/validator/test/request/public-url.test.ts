import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientUrl, countTrustedHops, forwardedBase, publicUrls, UNKNOWN_BASE } from '../../src/request/public-url.ts';

type Headers = Readonly<Record<string, readonly string[] | string>>;

const ORIGIN = 'http://10.0.0.1:3000';

function baseOf(trusted: number, headers: Headers): string {
  return forwardedBase({ origin: ORIGIN, trusted, headerValues: (name) => [headers[name] ?? []].flat() });
}

describe('the base of a client’s URL', () => {
  const spoofed: Headers = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example.com',
    'x-forwarded-prefix': '/evil',
    forwarded: 'proto=https;host=evil.example.com',
  };

  test('is that of the connection, whatever an untrusted client sends', () => {
    expect(baseOf(0, spoofed)).toBe(ORIGIN);
    expect(baseOf(0, {})).toBe(ORIGIN);
    expect(baseOf(1, {})).toBe(ORIGIN);
  });

  test.each<[string, number, Headers, string]>([
    ['the scheme alone', 1, { 'x-forwarded-proto': 'https' }, 'https://10.0.0.1:3000'],
    ['the host alone', 1, { 'x-forwarded-host': 'a.example.com' }, 'http://a.example.com'],
    [
      'scheme and host',
      1,
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example.com' },
      'https://a.example.com',
    ],
    [
      'a port',
      1,
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example.com:8443' },
      'https://a.example.com:8443',
    ],
    ['an IPv6 address', 1, { 'x-forwarded-host': '[2001:db8::1]:8080' }, 'http://[2001:db8::1]:8080'],
    ['a scheme in capitals', 1, { 'x-forwarded-proto': 'HTTPS' }, 'https://10.0.0.1:3000'],
    ['the scheme of a WebSocket', 1, { 'x-forwarded-proto': 'wss' }, 'https://10.0.0.1:3000'],
    ['a stripped prefix', 1, { 'x-forwarded-prefix': '/orders' }, 'http://10.0.0.1:3000/orders'],
    ['a prefix with a slash at its end', 1, { 'x-forwarded-prefix': '/orders/' }, 'http://10.0.0.1:3000/orders'],
    ['the root as a prefix', 1, { 'x-forwarded-prefix': '/' }, ORIGIN],
    ['empty headers', 1, { 'x-forwarded-proto': '', 'x-forwarded-host': '', 'x-forwarded-prefix': '' }, ORIGIN],
    [
      'the value of the one trusted proxy',
      1,
      { 'x-forwarded-host': 'evil.example.com, a.example.com' },
      'http://a.example.com',
    ],
    ['the same on two lines', 1, { 'x-forwarded-host': ['evil.example.com', 'a.example.com'] }, 'http://a.example.com'],
    ['the value of the outer of two', 2, { 'x-forwarded-proto': 'https, http' }, 'https://10.0.0.1:3000'],
    ['a value that the inner of two has passed on', 2, { 'x-forwarded-proto': 'https' }, 'https://10.0.0.1:3000'],
    [
      'prefixes that two proxies stripped',
      2,
      { 'x-forwarded-prefix': '/shop, /orders' },
      'http://10.0.0.1:3000/shop/orders',
    ],
    [
      'a prefix with a client’s before it',
      1,
      { 'x-forwarded-prefix': ['/evil', '/orders'] },
      'http://10.0.0.1:3000/orders',
    ],
    ['Forwarded', 1, { forwarded: 'for=192.0.2.1;proto=https;host=a.example.com' }, 'https://a.example.com'],
    ['Forwarded with a port', 1, { forwarded: 'host="a.example.com:8443"' }, 'http://a.example.com:8443'],
    ['Forwarded with IPv6', 1, { forwarded: 'proto=https;host="[2001:db8::1]"' }, 'https://[2001:db8::1]'],
    [
      'Forwarded of the one trusted proxy',
      1,
      { forwarded: 'host=evil.example.com, host=a.example.com' },
      'http://a.example.com',
    ],
    [
      'Forwarded of the outer of two',
      2,
      { forwarded: ['proto=https;host=a.example.com', 'proto=http'] },
      'https://a.example.com',
    ],
    ['Forwarded without scheme and host', 1, { forwarded: 'for=192.0.2.1' }, ORIGIN],
    [
      'both forms where they agree',
      1,
      {
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'a.example.com',
        forwarded: 'proto=https;host=A.example.com',
      },
      'https://a.example.com',
    ],
    [
      'no Forwarded that came through a proxy of the other kind',
      1,
      { 'x-forwarded-for': '192.0.2.1', forwarded: 'host=evil.example.com;proto=https' },
      ORIGIN,
    ],
    [
      'no malformed Forwarded beside the other kind',
      1,
      { 'x-forwarded-proto': 'https', forwarded: 'for=2001:db8::1' },
      'https://10.0.0.1:3000',
    ],
  ])('has %s from %i trusted', (_, trusted, headers, base) => {
    expect(baseOf(trusted, headers)).toBe(base);
  });

  test.each<[string, Headers]>([
    [
      'both forms contradict each other in the host',
      { 'x-forwarded-host': 'a.example.com', forwarded: 'host=b.example.com' },
    ],
    ['both forms contradict each other in the scheme', { 'x-forwarded-proto': 'http', forwarded: 'proto=https' }],
    ['the scheme is none of HTTP', { 'x-forwarded-proto': 'ftp' }],
    ['the host has a path', { 'x-forwarded-host': 'a.example.com/orders' }],
    ['the host has credentials', { 'x-forwarded-host': 'u:p@a.example.com' }],
    ['an IPv6 address has no brackets', { 'x-forwarded-host': '2001:db8::1' }],
    ['the prefix is no path', { 'x-forwarded-prefix': 'orders' }],
    ['the prefix has a query', { 'x-forwarded-prefix': '/orders?a' }],
    ['Forwarded is malformed', { forwarded: 'host=a.example.com:8443' }],
  ])('is unknown if %s', (_, headers) => {
    expect(baseOf(1, headers)).toBe(UNKNOWN_BASE);
  });
});

describe('the number of trusted proxies', () => {
  const isTrusted = (address: string) => address.startsWith('10.');

  test.each<[string | undefined, string[], number]>([
    ['192.0.2.1', ['10.0.0.1'], 0],
    ['10.0.0.1', [], 1],
    ['10.0.0.1', ['192.0.2.1'], 1],
    ['10.0.0.1', ['192.0.2.1, 10.0.0.2'], 2],
    ['10.0.0.1', ['192.0.2.1', '10.0.0.2', '10.0.0.3'], 3],
    ['10.0.0.1', ['10.0.0.9, 192.0.2.1, 10.0.0.2'], 2],
    ['10.0.0.1', ['10.0.0.2'], 2],
    [undefined, ['10.0.0.2'], 0],
  ])('of a request from %s for %j is %i', (address, forwardedFor, count) => {
    expect(countTrustedHops(address, forwardedFor, isTrusted)).toBe(count);
  });
});

describe('the URL of a client', () => {
  const seen = {
    origin: ORIGIN,
    target: '/1?x',
    remoteAddress: '10.0.0.1',
    isTrusted: (address: string) => address.startsWith('10.'),
    headerValues: (name: string) => (name === 'x-forwarded-host' ? ['evil.example.com, a.example.com'] : []),
  };

  test('follows the headers of trusted proxies', () => {
    expect(clientUrl(seen)).toBe('http://a.example.com/1?x');
    expect(clientUrl({ ...seen, remoteAddress: '192.0.2.1' })).toBe('http://10.0.0.1:3000/1?x');
    expect(clientUrl({ ...seen, remoteAddress: undefined })).toBe('http://10.0.0.1:3000/1?x');
  });

  test('begins with the public URL, whatever the headers say', () => {
    const publicUrl = 'https://b.example.com/orders/';

    expect(clientUrl({ ...seen, publicUrl })).toBe('https://b.example.com/orders/1?x');
    expect(clientUrl({ ...seen, publicUrl, target: '/' })).toEqual([
      'https://b.example.com/orders/',
      'https://b.example.com/orders',
    ]);
  });
});

describe('whatever a client sends', () => {
  const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-prefix', 'forwarded'];
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('https', 'a.example.com', '/shop', '10.0.0.1', 'proto=https;host=b.example.com', 'for="x, y"'),
  );
  const headers = fc.dictionary(fc.constantFrom(...names), fc.array(value, { maxLength: 3 }));
  const seen = { origin: ORIGIN, target: '/1', remoteAddress: '192.0.2.1' };

  test('changes nothing where it is not trusted', () => {
    fc.assert(
      fc.property(headers, (sent) => {
        const headerValues = (name: string) => sent[name] ?? [];
        expect(clientUrl({ ...seen, isTrusted: () => false, headerValues })).toBe(`${ORIGIN}/1`);
      }),
    );
  });

  test('changes nothing where there is a public URL', () => {
    fc.assert(
      fc.property(headers, (sent) => {
        const headerValues = (name: string) => sent[name] ?? [];
        const publicUrl = 'https://api.example.com/shop';
        expect(clientUrl({ ...seen, publicUrl, isTrusted: () => true, headerValues })).toBe(`${publicUrl}/1`);
      }),
    );
  });

  test('gives a URL that a proof can be compared with, or none at all', () => {
    fc.assert(
      fc.property(headers, (sent) => {
        const headerValues = (name: string) => sent[name] ?? [];
        const url = clientUrl({ ...seen, isTrusted: () => true, headerValues });
        expect(String(url)).toMatch(/^(?:https?:\/\/[^/\s]+(?:\/\S*)?)?\/1$/);
      }),
    );
  });
});

describe('the URL of a request', () => {
  test.each<[string, string, string | string[]]>([
    ['https://a.example.com', '/orders?x=1', 'https://a.example.com/orders?x=1'],
    ['https://a.example.com', '/', 'https://a.example.com/'],
    ['https://a.example.com', '//evil.example.com/a', 'https://a.example.com//evil.example.com/a'],
    ['https://a.example.com', 'http://other.example.com/a?b', 'https://a.example.com/a?b'],
    ['https://a.example.com', '*', 'https://a.example.com/*'],
    ['https://a.example.com', '/a%2Fb/%6F', 'https://a.example.com/a%2Fb/%6F'],
    ['https://a.example.com/shop', '/orders', 'https://a.example.com/shop/orders'],
    ['https://a.example.com/shop', '/', ['https://a.example.com/shop/', 'https://a.example.com/shop']],
    ['https://a.example.com/shop', '/?x=1', ['https://a.example.com/shop/?x=1', 'https://a.example.com/shop?x=1']],
    [UNKNOWN_BASE, '/orders', '/orders'],
  ])('%s and %s is %j', (base, target, url) => {
    expect(publicUrls(base, target)).toEqual(url);
  });
});
