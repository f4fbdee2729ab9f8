import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readCertificateProof, readDpopProof } from '../../src/request/read-request-proof.ts';
import type { RequestReader } from '../../src/request/request-reader.ts';

interface Request {
  readonly target?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly certificate?: string;
}

const reader: RequestReader<Request> = {
  authorization: () => [],
  headerValues: ({ headers }, name) => headers?.[name] ?? [],
  headerNames: () => [],
  method: () => 'GET',
  base: () => 'http://10.0.0.1:3000',
  target: ({ target = '/orders?x=1' }) => target,
  certificate: ({ certificate }) => certificate,
};
const NONE = { publicUrl: undefined, certificateHeader: undefined };

describe('the URL of a request', () => {
  test.each([
    ['/orders?x=1', 'http://10.0.0.1:3000/orders?x=1'],
    ['//evil.example.com/a', 'http://10.0.0.1:3000//evil.example.com/a'],
    ['http://other.example.com/a?b', 'http://10.0.0.1:3000/a?b'],
    ['*', 'http://10.0.0.1:3000/*'],
  ])('has the path of %s, and an origin that the request does not choose', (target, url) => {
    expect(readDpopProof({ target }, reader, NONE)).toEqual({ method: 'GET', url, dpop: [] });
  });

  test('begins with the configured public URL', () => {
    const sources = { ...NONE, publicUrl: 'https://api.example.com/shop' };

    expect(readDpopProof({}, reader, sources).url).toBe('https://api.example.com/shop/orders?x=1');
  });
});

test('reads every DPoP value', () => {
  expect(readDpopProof({ headers: { dpop: ['a', 'b'] } }, reader, NONE).dpop).toEqual(['a', 'b']);
});

describe('the certificate of a request', () => {
  const header = ':Y2VydA==:';
  const thumbprint = createHash('sha256').update('cert').digest('base64url');
  const trusting = { ...NONE, certificateHeader: { name: 'client-cert', format: 'rfc9440' } } as const;

  test('is that of the connection', () => {
    expect(readCertificateProof({ certificate: 'tls' }, reader, NONE)).toMatchObject({ certificate: 'tls' });
    expect(readDpopProof({ certificate: 'tls' }, reader, NONE)).toMatchObject({ certificate: 'tls' });
    expect(readCertificateProof({}, reader, NONE)).toBeUndefined();
  });

  test('is never read from a header that is not configured', () => {
    expect(readCertificateProof({ headers: { 'client-cert': [header] } }, reader, NONE)).toBeUndefined();
  });

  test('is that of the configured header, and not that of the proxy', () => {
    const request = { certificate: 'proxy', headers: { 'client-cert': [header] } };

    expect(readCertificateProof(request, reader, trusting)).toMatchObject({ certificate: thumbprint });
    expect(readCertificateProof({ certificate: 'proxy' }, reader, trusting)).toBeUndefined();
    expect(readCertificateProof({ headers: { 'client-cert': [header, header] } }, reader, trusting)).toBeUndefined();
  });
});
