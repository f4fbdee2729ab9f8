import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, test } from 'vitest';
import { expressNotFound } from '../../src/adapters/express-not-found.ts';

async function responseOf(listener: RequestListener, method: string, path: string) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const request = httpRequest({ port: (server.address() as AddressInfo).port, method, path }).end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  server.close();
  const { date, ...headers } = response.headers;
  return { status: response.statusCode, headers, body };
}

test.each([
  ['GET', '/a'],
  ['HEAD', '/a'],
  ['DELETE', '/a/b?c=<d>'],
  ['GET', "/a%20b/'&quot;<script>"],
  ['OPTIONS', '/a'],
])('responds to %s %s as Express does', async (method, path) => {
  const [own, itself] = [express(), express()];
  own.use(expressNotFound);

  expect(await responseOf(own, method, path)).toEqual(await responseOf(itself, method, path));
});
