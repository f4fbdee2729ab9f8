import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type ClientAddressOptions, createClientLookup } from '../../src/http/client-address.ts';

function socketFrom(remoteAddress: string | undefined): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
}

const OPTIONS: ClientAddressOptions = {
  trustedProxies: ['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1'],
  protocol: 'http',
  onUnixSocket: false,
};

test.each([
  ['10.1.2.3', true],
  ['192.0.2.1', true],
  ['192.0.2.2', false],
  ['fd12::1', true],
  ['::1', true],
  ['2001:db8::1', false],
])('%s is believed: %s', (address, trusted) => {
  const client = createClientLookup({ ...OPTIONS, protocol: 'https' })(socketFrom(address));
  expect(client).toEqual({ remoteAddress: address, protocol: 'https', trusted });
});

test('an IPv4 address is the same in its IPv6 dress', () => {
  const client = createClientLookup(OPTIONS)(socketFrom('::ffff:10.1.2.3'));
  expect(client).toEqual({ remoteAddress: '10.1.2.3', protocol: 'http', trusted: true });
});

test('nobody is believed where nobody is listed', () => {
  expect(createClientLookup({ ...OPTIONS, trustedProxies: [] })(socketFrom('127.0.0.1')).trusted).toBe(false);
});

test('who comes over a Unix socket is believed: its permissions let them in', () => {
  const clientOf = createClientLookup({ ...OPTIONS, onUnixSocket: true });
  expect(clientOf(socketFrom(undefined))).toMatchObject({ trusted: true });
});

test('who has no address because the connection was reset is not believed', () => {
  expect(createClientLookup(OPTIONS)(socketFrom(undefined))).toMatchObject({ trusted: false });
});
