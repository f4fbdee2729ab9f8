import { describe, expect, test } from 'vitest';
import { askedRequest } from '../../src/http/asked-request.ts';

const asked = (headers: Readonly<Record<string, string | readonly string[]>>, trusted = true) => {
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  );
  const client = { remoteAddress: '10.0.0.1', protocol: 'http', trusted } as const;
  const { method, target } = askedRequest({ method: 'GET', target: '/ask', rawHeaders, client });
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
