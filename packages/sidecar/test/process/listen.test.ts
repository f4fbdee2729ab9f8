import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { listen } from '../../src/process/listen.ts';

test.each([
  ['127.0.0.1:0', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['0.0.0.0:0', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['[::1]:0', /^http:\/\/\[::1\]:\d+$/],
])('a server listens on %s and returns its URL', async (address, url) => {
  const server = createServer();
  expect(await listen(server, address, 'sidecar.listen')).toMatch(url);
  server.close();
});

test('an address of another machine is a problem of the setting', async () => {
  const failure = listen(createServer(), '192.0.2.1:0', 'sidecar.admin');
  await expect(failure).rejects.toBeInstanceOf(ConfigError);
  await expect(failure).rejects.toMatchObject({ problems: [{ path: 'sidecar.admin' }] });
});

test('a server listens on a Unix socket, and replaces the file of a killed process but not of a running one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'listen-'));
  const socketPath = join(directory, 'crossfade.sock');
  const script = `require('node:net').createServer().listen(${JSON.stringify(socketPath)}, () => console.log('up'))`;
  const killed = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'close');

  const server = createServer((_request, response) => response.end('ok'));
  expect(await listen(server, `unix:${socketPath}`, 'sidecar.listen')).toBe(`unix:${socketPath}`);
  const [response] = await once(request({ socketPath, agent: false }).end(), 'response');
  expect(response.resume().statusCode).toBe(200);
  await expect(listen(createServer(), `unix:${socketPath}`, 'sidecar.listen')).rejects.toMatchObject({
    problems: [{ path: 'sidecar.listen', message: `unix:${socketPath} is already in use` }],
  });
  server.close();
  server.closeAllConnections();
  await rm(directory, { recursive: true });
});

test('a Unix socket in a folder that is missing is a problem of the setting', async () => {
  const failure = listen(createServer(), 'unix:/nowhere/at/all.sock', 'sidecar.listen');
  await expect(failure).rejects.toMatchObject({
    problems: [{ message: expect.stringContaining('its folder is missing') }],
  });
});
