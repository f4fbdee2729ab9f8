import { createServer } from 'node:http';
import { ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { listen } from '../src/listen.ts';

test.each([
  ['127.0.0.1:0', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['0.0.0.0:0', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['[::1]:0', /^http:\/\/\[::1\]:\d+$/],
])('listens on %s and says where it can be reached', async (address, url) => {
  const server = createServer();
  expect(await listen(server, address, 'sidecar.listen')).toMatch(url);
  server.close();
});

test('an address of another machine is a problem of the setting', async () => {
  const failure = listen(createServer(), '192.0.2.1:0', 'sidecar.admin');
  await expect(failure).rejects.toBeInstanceOf(ConfigError);
  await expect(failure).rejects.toMatchObject({ problems: [{ path: 'sidecar.admin' }] });
});
