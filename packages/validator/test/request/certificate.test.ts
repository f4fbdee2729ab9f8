import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  certificateThumbprint,
  forwardedCertificateThumbprint,
  peerCertificateThumbprint,
} from '../../src/request/certificate.ts';
import { createSelfSigned } from '../self-signed-certificate.ts';

const client = createSelfSigned('client');
const other = createSelfSigned('another client');
const server = createSelfSigned('localhost');

/** The client certificate of RFC 9440, Appendix A. */
const RFC_9440_CERTIFICATE =
  'MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVka' +
  'WF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8Y' +
  'nXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgN' +
  'VHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPY' +
  'mRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5' +
  'XarmPk0wmuydBVoU4hBVZ1yhk=';

describe('certificateThumbprint', () => {
  test('is the same for a parsed certificate and its bytes', () => {
    expect(certificateThumbprint(client.der)).toBe(client.thumbprint);
    expect(certificateThumbprint(new X509Certificate(client.cert))).toBe(client.thumbprint);
  });

  test('is the SHA-256 fingerprint of OpenSSL', () => {
    const fingerprint = new X509Certificate(client.der).fingerprint256.replaceAll(':', '');

    expect(certificateThumbprint(client.der)).toBe(Buffer.from(fingerprint, 'hex').toString('base64url'));
  });
});

describe('forwardedCertificateThumbprint', () => {
  const base64 = client.der.toString('base64');
  const escaped = encodeURIComponent(client.cert);

  test('reads the Client-Cert header of RFC 9440', () => {
    expect(forwardedCertificateThumbprint([`:${base64}:`], 'rfc9440')).toBe(client.thumbprint);
    expect(forwardedCertificateThumbprint([` :${base64}: `], 'rfc9440')).toBe(client.thumbprint);
    expect(forwardedCertificateThumbprint([`:${RFC_9440_CERTIFICATE}:`], 'rfc9440')).toBe(
      certificateThumbprint(new X509Certificate(Buffer.from(RFC_9440_CERTIFICATE, 'base64'))),
    );
  });

  test('reads $ssl_client_escaped_cert of nginx', () => {
    expect(forwardedCertificateThumbprint([escaped], 'nginx')).toBe(client.thumbprint);
    expect(forwardedCertificateThumbprint([escaped.replaceAll('%0A', '%0D%0A')], 'nginx')).toBe(client.thumbprint);
  });

  test.each([
    ['no header', [], 'rfc9440'],
    ['an empty header, as nginx sends without a certificate', [''], 'nginx'],
    ['two headers: the client sent one, too', [`:${base64}:`, `:${base64}:`], 'rfc9440'],
    ['two headers that were joined', [`:${base64}:, :${base64}:`], 'rfc9440'],
    ['no colons', [base64], 'rfc9440'],
    ['nothing between the colons', ['::'], 'rfc9440'],
    ['base64url', [':-_-_:'], 'rfc9440'],
    ['the other format', [escaped], 'rfc9440'],
    ['the other format', [`:${base64}:`], 'nginx'],
    ['a broken escape', [`${escaped}%`], 'nginx'],
    ['two certificates', [escaped + escaped], 'nginx'],
    ['a key instead of a certificate', [encodeURIComponent(client.key)], 'nginx'],
  ] as const)('reads nothing from %s', (_, values, format) => {
    expect(forwardedCertificateThumbprint(values, format)).toBeUndefined();
  });

  describe('for Envoy', () => {
    const hash = new X509Certificate(client.der).fingerprint256.replaceAll(':', '').toLowerCase();
    const victim = new X509Certificate(other.der).fingerprint256.replaceAll(':', '').toLowerCase();

    test.each([
      ['the hash alone', `Hash=${hash}`],
      ['no name of its own', `By=;Hash=${hash}`],
      ['a name of its own', `By=spiffe://example.com/api;Hash=${hash};URI=spiffe://example.com/client`],
      ['two names', `By=spiffe://a;By=spiffe://b;Hash=${hash}`],
      ['the certificate', `By=;Hash=${hash};Cert="${escaped}"`],
      ['a subject with a comma', `By=;Hash=${hash};Subject="CN=client,O=Orders\\, Inc.";DNS=client.example.com`],
    ])('reads a header with %s', (_, value) => {
      expect(forwardedCertificateThumbprint([value], 'envoy')).toBe(client.thumbprint);
      // As read from a `fetch` request, where values are split at commas.
      expect(forwardedCertificateThumbprint(value.split(','), 'envoy')).toBe(client.thumbprint);
    });

    const own = `By=;Hash=${hash}`;
    test.each([
      ['no header', []],
      ['nothing', ['']],
      ['no hash', ['By=spiffe://a;Subject="CN=client"']],
      ['a short hash', [`Hash=${hash.slice(2)}`]],
      ['a long hash', [`Hash=${hash}00`]],
      ['a hash that is not hexadecimal', [`Hash=${'x'.repeat(64)}`]],
      ['a hash from the certificate', [`By=;Subject="Hash=${victim};";Hash=${hash}`]],
      ['a hash after a value from the certificate', [`URI=spiffe://a;Hash=${victim}`]],
      ['an element of another proxy before its own', [`Hash=${victim},${own}`]],
      ['the same in two headers', [`Hash=${victim}`, own]],
      ['a quote before its own element', [`Hash=${victim};Subject="`, `${own};URI=";DNS=a`]],
      ['a hash in another spelling before its own', [`Hash=${victim};X="`, own.replace('Hash', 'HASH')]],
      ['a subject that is a header', [`${own};Subject="CN=a";Hash=${victim}"`]],
      ['the other formats', [`:${base64}:`]],
    ])('reads nothing from %s', (_, values) => {
      expect(forwardedCertificateThumbprint(values, 'envoy')).toBeUndefined();
    });

    test('a certificate cannot choose the hash', () => {
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom(';', ',', '"', '=', 'Hash=', 'By=', victim, 'a') }), (text) => {
          const read = forwardedCertificateThumbprint([`${own};URI=${text}`], 'envoy');
          expect([client.thumbprint, undefined]).toContain(read);
        }),
        { numRuns: 2000 },
      );
    });
  });

  test('returns another thumbprint for another certificate', () => {
    expect(forwardedCertificateThumbprint([`:${other.der.toString('base64')}:`], 'rfc9440')).toBe(other.thumbprint);
  });
});

describe('peerCertificateThumbprint', () => {
  const api = createServer({ ...server, requestCert: true, rejectUnauthorized: false }, (incoming, response) => {
    response.end(peerCertificateThumbprint(incoming.socket) ?? 'none');
  });
  const plain = createHttpServer((incoming, response) => {
    response.end(peerCertificateThumbprint(incoming.socket) ?? 'none');
  });

  beforeAll(async () => {
    for (const listener of [api, plain]) {
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
    }
  });
  afterAll(() => {
    for (const listener of [api, plain]) {
      listener.closeAllConnections();
      listener.close();
    }
  });

  function portOf(listener: Server): number {
    return (listener.address() as AddressInfo).port;
  }

  async function thumbprintSeen(identity: {
    key?: string;
    cert?: string;
    maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  }): Promise<string> {
    const options = { host: '127.0.0.1', port: portOf(api), rejectUnauthorized: false, agent: false };
    const outgoing = request({ ...options, ...identity }).end();
    const [response] = await once(outgoing, 'response');
    return text(response);
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is that of the certificate in the handshake: %s', async (version) => {
    const { key, cert } = client;

    expect(await thumbprintSeen({ key, cert, maxVersion: version })).toBe(client.thumbprint);
    expect(await thumbprintSeen({ key: other.key, cert: other.cert, maxVersion: version })).toBe(other.thumbprint);
  });

  test('is undefined without a certificate', async () => {
    expect(await thumbprintSeen({})).toBe('none');
  });

  test('is undefined without TLS', async () => {
    const outgoing = httpRequest({ host: '127.0.0.1', port: portOf(plain), agent: false }).end();
    const [response] = await once(outgoing, 'response');

    expect(await text(response)).toBe('none');
  });
});
