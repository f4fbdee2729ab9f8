import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ClientConnection } from '../../src/http/request-headers.ts';
import { createProofReader, type ProofSettings } from '../../src/http/request-proof.ts';
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts';

const isTrustedProxy = createTrustedProxies(['10.0.0.0/8']);
const OUTSIDER: ClientConnection = { remoteAddress: '192.0.2.1', protocol: 'http', trusted: false };
const PROXY: ClientConnection = { remoteAddress: '10.0.0.1', protocol: 'http', trusted: true };
const DPOP = ['Host', 'in.example.com', 'DPoP', 'p'];
const FORWARDED = ['X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'api.example.com', 'X-Forwarded-Prefix', '/shop'];

function proofOf(
  client: ClientConnection,
  rawHeaders: readonly string[],
  { target = '/orders?a=1', ...settings }: Partial<ProofSettings> & { readonly target?: string } = {},
) {
  return createProofReader({ isTrustedProxy, ...settings })({ method: 'PUT', target, rawHeaders, client }, 'DPoP');
}

describe('the proof of a DPoP token', () => {
  test('has every DPoP value, the method, and the URL that the client signed', () => {
    const proof = { method: 'PUT', url: 'http://in.example.com/orders?a=1' };

    expect(proofOf(OUTSIDER, DPOP)).toEqual({ ...proof, dpop: ['p'] });
    expect(proofOf(OUTSIDER, [...DPOP, 'dpop', 'q'])).toEqual({ ...proof, dpop: ['p', 'q'] });
    expect(proofOf(OUTSIDER, ['Host', 'in.example.com'])).toEqual({ ...proof, dpop: [] });
  });

  test.each([
    ['a TLS data port', { ...OUTSIDER, protocol: 'https' } as const, DPOP, {}, 'https://in.example.com/orders?a=1'],
    ['a trusted proxy', PROXY, [...DPOP, ...FORWARDED], {}, 'https://api.example.com/shop/orders?a=1'],
    ['an untrusted client', OUTSIDER, [...DPOP, ...FORWARDED], {}, 'http://in.example.com/orders?a=1'],
    [
      'the public URL',
      PROXY,
      [...DPOP, ...FORWARDED],
      { publicUrl: 'https://b.example.com/o/' },
      'https://b.example.com/o/orders?a=1',
    ],
    [
      'the authority of an absolute target (RFC 9112 §3.2.2)',
      OUTSIDER,
      DPOP,
      { target: 'http://a.example.com/x' },
      'http://a.example.com/x',
    ],
    [
      'two trusted proxies',
      PROXY,
      [...DPOP, 'X-Forwarded-For', '192.0.2.1, 10.0.0.2', 'X-Forwarded-Proto', 'https, http'],
      {},
      'https://in.example.com/orders?a=1',
    ],
    [
      'a client before the trusted proxy',
      PROXY,
      [...DPOP, 'X-Forwarded-For', '192.0.2.1', 'X-Forwarded-Host', 'evil.example.com, api.example.com'],
      {},
      'http://api.example.com/orders?a=1',
    ],
    [
      'a trusted client of a Unix socket',
      { ...PROXY, remoteAddress: undefined },
      [...DPOP, ...FORWARDED],
      {},
      'https://api.example.com/shop/orders?a=1',
    ],
  ])('has the URL of %s', (_, client, rawHeaders, settings, url) => {
    expect(proofOf(client, rawHeaders, settings)).toMatchObject({ url });
  });
});

describe('the certificate of a request', () => {
  const der = Buffer.from('certificate');
  const thumbprint = createHash('sha256').update(der).digest('base64url');
  const base64 = der.toString('base64');
  const pem = encodeURIComponent(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
  const envoy = `Hash=${Buffer.from(thumbprint, 'base64url').toString('hex')};Subject=""`;
  const header = (name: string, isBelieved: boolean) => ({ ...PROXY, certificateHeader: { name, isBelieved } });
  const read = (client: ClientConnection, rawHeaders: readonly string[]) =>
    createProofReader({ isTrustedProxy })({ method: 'GET', target: '/', rawHeaders, client }, 'Bearer')?.certificate;

  test('is that of its connection', () => {
    const certificate = { thumbprint: 'of the connection', header: '::' };

    expect(read({ ...OUTSIDER, certificate }, [])).toBe('of the connection');
    expect(read(OUTSIDER, [])).toBeUndefined();
  });

  test.each([
    ['client-cert', `:${base64}:`],
    ['x-client-cert', ` :${base64}: `],
    ['x-client-cert', pem],
    ['client-cert', pem],
    ['x-forwarded-client-cert', envoy],
  ])('is read from %s of a trusted proxy', (name, value) => {
    expect(read(header(name, true), [name, value])).toBe(thumbprint);
    expect(read(header(name, false), [name, value])).toBeUndefined();
    expect(read(header(name, true), [name, value, name, value])).toBeUndefined();
    expect(read(header(name, true), [])).toBeUndefined();
    expect(read(PROXY, [name, value])).toBeUndefined();
  });

  test('comes with method and URL, where the token is bound to a DPoP key, too', () => {
    const request = { method: 'GET', target: '/', rawHeaders: [...DPOP, 'Client-Cert', `:${base64}:`] };
    const client = header('client-cert', true);

    expect(createProofReader({ isTrustedProxy })({ ...request, client }, 'DPoP')).toEqual({
      method: 'GET',
      url: 'http://in.example.com/',
      dpop: ['p'],
      certificate: thumbprint,
    });
  });
});

test('a bearer token without a certificate, or without a request, has no proof', () => {
  const readProof = createProofReader({ isTrustedProxy });

  expect(readProof({ method: 'GET', target: '/', rawHeaders: DPOP, client: PROXY }, 'Bearer')).toBeUndefined();
  expect(readProof(undefined, 'DPoP')).toBeUndefined();
});
