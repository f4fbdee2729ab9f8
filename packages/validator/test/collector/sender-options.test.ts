import { ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { type CollectorSenderOptions, readSenderOptions } from '../../src/collector/sender-options.ts';

const validator = { acceptance: () => 'both' as const };

test.each([
  ['http://127.0.0.1:9464', { host: '127.0.0.1', port: '9464', path: '/judgements' }],
  [new URL('http://localhost'), { host: 'localhost', port: '80', path: '/judgements' }],
  ['http://[::1]:9464/', { host: '::1', port: '9464', path: '/judgements' }],
])('reads %s', (url, address) => {
  expect(readSenderOptions({ url, validator })).toMatchObject({ address, intervalMs: 1000, closeTimeoutMs: 2000 });
});

test('reads a Unix socket', () => {
  expect(readSenderOptions({ socketPath: '/run/c.sock', validator }).address).toEqual({
    socketPath: '/run/c.sock',
    path: '/judgements',
  });
});

test.each([
  ['no address', { validator }, 'url', 'is required'],
  ['two addresses', { url: 'http://127.0.0.1', socketPath: '/c', validator }, 'url', 'never both'],
  ['another machine', { url: 'http://collector:9464', validator }, 'url', 'on loopback'],
  ['https', { url: 'https://127.0.0.1', validator }, 'url', 'an http URL'],
  ['a path', { url: 'http://127.0.0.1/judgements', validator }, 'url', 'such as http://127.0.0.1:9464'],
  ['an invalid URL', { url: 'nowhere', validator }, 'url', 'an http URL'],
  ['no validator', { url: 'http://127.0.0.1' }, 'validator', 'is required: a validator'],
  ['a name with spaces', { url: 'http://127.0.0.1', validator, name: 'my api' }, 'name', '1 to 64'],
  ['an interval of 0', { url: 'http://127.0.0.1', validator, intervalMs: 0 }, 'intervalMs', '10 to 10000'],
  ['a long interval', { url: 'http://127.0.0.1', validator, intervalMs: 60_000 }, 'intervalMs', '10 to 10000'],
  ['an unknown setting', { url: 'http://127.0.0.1', validator, size: 1 }, 'size', 'remove it'],
])('rejects %s', (_name, options, path, message) => {
  const read = () => readSenderOptions(options as unknown as CollectorSenderOptions);
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(expect.objectContaining({ problems: [{ path, message: expect.stringContaining(message) }] }));
});
