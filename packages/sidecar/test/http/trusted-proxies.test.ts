import { expect, test } from 'vitest';
import { createTrustedProxies } from '../../src/http/trusted-proxies.ts';

const isTrusted = createTrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1']);

test.each([
  ['10.1.2.3', true],
  ['192.0.2.1', true],
  ['192.0.2.2', false],
  ['fd12::1', true],
  ['::1', true],
  ['::ffff:10.1.2.3', true],
  ['2001:db8::1', false],
  ['', false],
  ['unknown', false],
  ['10.1.2.3:4711', false],
  ['10.0.0.0/8', false],
])('whether the address %j is that of a trusted proxy: %s', (address, trusted) => {
  expect(isTrusted(address)).toBe(trusted);
});

test('no address is trusted without networks', () => {
  expect(createTrustedProxies([])('127.0.0.1')).toBe(false);
});
