import { describe, expect, test } from 'vitest';
import { isPreflight } from '../../src/index.ts';

const ORDINARY = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };

type Headers = Readonly<Record<string, string | readonly string[]>>;

function judged(headers: Headers, { method = 'OPTIONS', hasBody }: { method?: string; hasBody?: boolean } = {}) {
  const headerValues = (name: string) => Object.entries(headers).flatMap(([key, value]) => (key === name ? value : []));
  return isPreflight({ method, headerValues, headerNames: () => Object.keys(headers), hasBody });
}

describe('a preflight', () => {
  test.each<[string, Headers]>([
    ['the headers of every browser', ORDINARY],
    ['the headers that the request would have', { ...ORDINARY, 'access-control-request-headers': 'authorization' }],
    ['the origin of a sandboxed page', { ...ORDINARY, origin: 'null' }],
    ['the origin of an application on a phone', { ...ORDINARY, origin: 'capacitor://localhost' }],
    ['a method of its own', { ...ORDINARY, 'access-control-request-method': 'M-SEARCH' }],
    ['the length of no body', { ...ORDINARY, 'content-length': '0' }],
    ['what proxies add', { ...ORDINARY, via: '1.1 proxy', 'x-forwarded-for': '192.0.2.1' }],
  ])('is an OPTIONS with %s', (_, headers) => {
    expect(judged(headers)).toBe(true);
    expect(judged(headers, { hasBody: false })).toBe(true);
  });

  test.each<[string, Headers]>([
    ['no Origin', { 'access-control-request-method': 'POST' }],
    ['an empty Origin', { ...ORDINARY, origin: '' }],
    ['two Origins', { ...ORDINARY, origin: ['https://a.example', 'https://a.example'] }],
    ['two Origins in one', { ...ORDINARY, origin: 'https://a.example, https://b.example' }],
    ['no Access-Control-Request-Method', { origin: 'https://app.example.com' }],
    ['an empty Access-Control-Request-Method', { ...ORDINARY, 'access-control-request-method': '' }],
    ['two methods', { ...ORDINARY, 'access-control-request-method': ['POST', 'POST'] }],
    ['two methods in one', { ...ORDINARY, 'access-control-request-method': 'GET,POST' }],
    ['a token', { ...ORDINARY, authorization: 'Bearer a.b.c' }],
    ['another scheme', { ...ORDINARY, authorization: 'Basic YTpi' }],
    ['an empty Authorization', { ...ORDINARY, authorization: '' }],
    ['a proof of possession', { ...ORDINARY, dpop: 'a.b.c' }],
    ['a body', { ...ORDINARY, 'content-length': '1' }],
    ['two lengths', { ...ORDINARY, 'content-length': ['0', '1'] }],
    ['an obscured length', { ...ORDINARY, 'content-length': '+0' }],
    ['chunks', { ...ORDINARY, 'transfer-encoding': 'chunked' }],
    ['a change of protocol', { ...ORDINARY, upgrade: 'h2c' }],
    ['another method to serve', { ...ORDINARY, 'x-http-method-override': 'DELETE' }],
    ['another method as CGI spells it', { ...ORDINARY, X_HTTP_Method_Override: 'DELETE' }],
    ['another method in another spelling', { ...ORDINARY, 'x.method~override': 'DELETE' }],
    ['another method by another name', { ...ORDINARY, 'x-http-method': 'DELETE' }],
    ['another method by a third name', { ...ORDINARY, 'x-method-override': 'DELETE' }],
  ])('is none with %s', (_, headers) => {
    expect(judged(headers)).toBe(false);
  });

  test.each(['GET', 'HEAD', 'POST', 'options', 'Options', ' ', ''])('is none by the method %j', (method) => {
    expect(judged(ORDINARY, { method })).toBe(false);
  });

  test('is none with a body that no header announces', () => {
    expect(judged(ORDINARY, { hasBody: true })).toBe(false);
  });
});
