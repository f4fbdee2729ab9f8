import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createAgentSource } from '../../src/agent/agent-source.ts';

const LOCATION = { application: 'test-backend/orders', environment: 'prod', profile: 'cross fade' };

async function open(listener: RequestListener, timeoutMs = 10_000) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const source = createAgentSource({ ...LOCATION, url, pollIntervalMs: 60_000, timeoutMs });
  onTestFinished(() => source.close());
  await source.firstPoll;
  return source;
}

it('requests the encoded location and reports the configuration version as the revision', async () => {
  const requested: (string | undefined)[] = [];
  const source = await open((request, response) => {
    requested.push(request.url);
    response.writeHead(200, { 'Configuration-Version': '13' }).end('{"issue-target":{"enabled":false}}');
  });
  expect(requested).toEqual(['/applications/test-backend%2Forders/environments/prod/configurations/cross%20fade']);
  expect(source.snapshot()).toMatchObject({ revision: '13', stale: false });
});

type Respond = (response: Parameters<RequestListener>[1]) => void;

it.each([
  ['an error', (response) => response.writeHead(500).end('secret'), /responded with 500$/],
  ['a redirect', (response) => response.writeHead(302, { location: 'http://secret/' }).end(), /did not respond/],
  ['a broken connection', (response) => response.destroy(), /did not respond \(UND_ERR_SOCKET\)$/],
] as [string, Respond, RegExp][])('reports %s', async (_name, respond, problem) => {
  const source = await open((_request, response) => respond(response));
  expect(source.snapshot().problem).toMatch(problem);
  expect(source.snapshot().problem).not.toContain('secret');
});

it.each([
  ['a missing response', () => {}],
  ['half a response', (response) => response.writeHead(200, { 'content-length': '99' }).write('{')],
] as [string, Respond][])('times out on %s', async (_name, respond) => {
  const source = await open((_request, response) => respond(response), 100);
  expect(source.snapshot().problem).toMatch(/did not respond in time$/);
});
