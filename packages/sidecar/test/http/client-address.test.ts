import { Socket } from 'node:net';
import { certificateThumbprint } from '@crossfade/validator';
import { expect, test } from 'vitest';
import { type ClientAddressOptions, createClientLookup } from '../../src/http/client-address.ts';
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts';

function socketFrom(remoteAddress: string | undefined): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
}

const OPTIONS: ClientAddressOptions = {
  isTrustedProxy: createTrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1']),
  protocol: 'http',
  onUnixSocket: false,
  requestsCertificate: false,
};

test.each([
  ['10.1.2.3', true],
  ['192.0.2.1', true],
  ['192.0.2.2', false],
  ['fd12::1', true],
  ['::1', true],
  ['2001:db8::1', false],
])('whether %s is trusted: %s', (address, trusted) => {
  const client = createClientLookup({ ...OPTIONS, protocol: 'https' })(socketFrom(address));
  expect(client).toEqual({ remoteAddress: address, protocol: 'https', trusted });
});

test('an IPv4-mapped IPv6 address is read as the IPv4 address', () => {
  const client = createClientLookup(OPTIONS)(socketFrom('::ffff:10.1.2.3'));
  expect(client).toEqual({ remoteAddress: '10.1.2.3', protocol: 'http', trusted: true });
});

test('no client is trusted without a list of trusted proxies', () => {
  expect(createClientLookup({ ...OPTIONS, isTrustedProxy: () => false })(socketFrom('127.0.0.1')).trusted).toBe(false);
});

test('a client on a Unix socket is trusted', () => {
  const clientOf = createClientLookup({ ...OPTIONS, onUnixSocket: true });
  expect(clientOf(socketFrom(undefined))).toMatchObject({ trusted: true });
});

test('a client without an address, after a reset, is not trusted', () => {
  expect(createClientLookup(OPTIONS)(socketFrom(undefined))).toMatchObject({ trusted: false });
});

test.each([
  ['10.1.2.3', true],
  ['192.0.2.2', false],
])('a client on %s may name a certificate in a header: %s', (address, isBelieved) => {
  const clientOf = createClientLookup({ ...OPTIONS, certificateHeader: 'x-client-cert' });

  expect(clientOf(socketFrom(address)).certificateHeader).toEqual({ name: 'x-client-cert', isBelieved });
  expect(createClientLookup(OPTIONS)(socketFrom(address)).certificateHeader).toBeUndefined();
});

test('no client may name a certificate in a header where the connection shows it', () => {
  const raw = Buffer.from('certificate');
  const socket = Object.assign(socketFrom('10.1.2.3'), { getPeerX509Certificate: () => ({ raw }) });
  const client = createClientLookup({ ...OPTIONS, requestsCertificate: true })(socket);

  expect(client).toMatchObject({
    certificateHeader: { name: 'client-cert', isBelieved: false },
    certificate: { thumbprint: certificateThumbprint(raw), header: `:${raw.toString('base64')}:` },
  });
  expect(createClientLookup(OPTIONS)(socket).certificate).toBeUndefined();
  const without = createClientLookup({ ...OPTIONS, requestsCertificate: true });
  expect(without(socketFrom('10.1.2.3')).certificate).toBeUndefined();
});
