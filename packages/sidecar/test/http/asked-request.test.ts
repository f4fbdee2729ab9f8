import { describe, expect, test } from 'vitest';
import { askedRequest, isAskedPreflight } from '../../src/http/asked-request.ts';

const requestOf = (headers: Readonly<Record<string, string | readonly string[]>>, trusted = true) => {
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  );
  const client = { remoteAddress: '10.0.0.1', protocol: 'http', trusted } as const;
  return { method: 'GET', target: '/ask', rawHeaders, client };
};
const asked = (...request: Parameters<typeof requestOf>) => {
  const { method, target } = askedRequest(requestOf(...request));
  return [method, target];
};

describe('the request that a proxy asks about', () => {
  test.each([
    ['Envoy', {}, ['GET', '/ask']],
    ['nginx', { 'X-Original-Method': 'PUT', 'X-Original-URI': '/orders?a=1' }, ['PUT', '/orders?a=1']],
    [
      'the nginx ingress controller',
      { 'X-Original-Method': 'PUT', 'X-Original-URL': 'https://api.example.com/orders?a=1' },
      ['PUT', '/orders?a=1'],
    ],
    ['Traefik and Caddy', { 'X-Forwarded-Method': 'PUT', 'X-Forwarded-Uri': '/orders?a=1' }, ['PUT', '/orders?a=1']],
    ['a proxy that names the target alone', { 'x-forwarded-uri': '/orders' }, ['GET', '/orders']],
    [
      'a proxy that uses two forms alike',
      { 'x-forwarded-uri': '/a', 'x-original-uri': '/a', 'x-original-url': 'http://h/a' },
      ['GET', '/a'],
    ],
  ])('is read as %s names it', (_, headers, request) => {
    expect(asked(headers)).toEqual(request);
  });

  test.each([
    ['two methods', { 'x-forwarded-method': 'PUT', 'x-original-method': 'GET', 'x-forwarded-uri': '/a' }, [' ', '/a']],
    ['two targets', { 'x-forwarded-method': 'PUT', 'x-forwarded-uri': '/a', 'x-original-uri': '/b' }, ['PUT', ' ']],
    ['one header twice', { 'x-original-uri': ['/a', '/b'] }, ['GET', ' ']],
  ])('is none that a proof could be for with %s', (_, headers, request) => {
    expect(asked(headers)).toEqual(request);
  });

  test('is the request itself where its client is not trusted', () => {
    const spoofed = { 'x-forwarded-method': 'PUT', 'x-forwarded-uri': '/a', 'x-original-uri': '/b' };

    expect(asked(spoofed, false)).toEqual(['GET', '/ask']);
  });
});

const PREFLIGHT = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };

describe('the one header that names the method', () => {
  const named = (headers: Readonly<Record<string, string | readonly string[]>>) =>
    askedRequest(requestOf(headers), 'x-original-method').method;

  test('counts alone', () => {
    expect(named({ 'X-Original-Method': 'PUT', 'X-Forwarded-Method': 'DELETE' })).toBe('PUT');
  });

  test.each([
    ['it is missing', { 'X-Forwarded-Method': 'PUT' }],
    ['it is there twice', { 'X-Original-Method': ['PUT', 'GET'] }],
  ])('makes a request that no proof could be for where %s', (_, headers) => {
    expect(named(headers)).toBe(' ');
  });
});

describe('a preflight that a proxy asks about', () => {
  interface Setting {
    readonly methodHeader?: string;
    readonly method?: string;
    readonly trusted?: boolean;
  }
  type Case = [name: string, isExpected: boolean, Setting, Readonly<Record<string, string | readonly string[]>>];
  test.each<Case>([
    ['of Envoy, which repeats the request', true, { method: 'OPTIONS' }, {}],
    ['of Envoy, in front of a sidecar that trusts no proxy', true, { method: 'OPTIONS', trusted: false }, {}],
    ['of nginx', true, { methodHeader: 'x-original-method' }, { 'X-Original-Method': 'OPTIONS' }],
    ['of Traefik', true, { methodHeader: 'x-forwarded-method' }, { 'X-Forwarded-Method': 'OPTIONS' }],
    [
      'of Traefik, whose client names another method',
      true,
      { methodHeader: 'x-forwarded-method' },
      { 'X-Forwarded-Method': 'OPTIONS', 'X-Original-Method': 'GET' },
    ],
    ['of a GET, whose client names OPTIONS to Envoy', false, {}, { 'X-Original-Method': 'OPTIONS' }],
    ['of a GET, whose client names OPTIONS to a proxy that names none', false, {}, { 'X-Forwarded-Method': 'OPTIONS' }],
    [
      'of a GET, whose client names OPTIONS through Traefik',
      false,
      { methodHeader: 'x-forwarded-method' },
      { 'X-Forwarded-Method': 'GET', 'X-Original-Method': 'OPTIONS' },
    ],
    ['where the proxy leaves its header out', false, { methodHeader: 'x-original-method', method: 'OPTIONS' }, {}],
    [
      'where the header is there twice',
      false,
      { methodHeader: 'x-original-method' },
      { 'X-Original-Method': ['OPTIONS', 'OPTIONS, GET'] },
    ],
    [
      'where the client of the sidecar is not trusted',
      false,
      { methodHeader: 'x-original-method', method: 'OPTIONS', trusted: false },
      { 'X-Original-Method': 'OPTIONS' },
    ],
    [
      'where a proxy that asks with OPTIONS names another method',
      false,
      { method: 'OPTIONS' },
      { 'X-Forwarded-Method': 'GET' },
    ],
  ])('is recognised: %s: %s', (_, isExpected, { methodHeader, method = 'GET', trusted = true }, headers) => {
    const request = { ...requestOf({ ...PREFLIGHT, ...headers }, trusted), method };

    expect(isAskedPreflight(request, methodHeader)).toBe(isExpected);
    expect(isAskedPreflight({ ...requestOf(headers, trusted), method }, methodHeader)).toBe(false);
  });
});
