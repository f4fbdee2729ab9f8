import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { openKeepAliveLoad } from '../bench/keep-alive-load.ts';

const servers: Server[] = [];
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://127.0.0.1:${address.port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

test('sends exactly the number of requests asked for, and receives a response to each', async () => {
  let seen = 0;
  const url = await serve((_, response) => {
    seen += 1;
    response.end('hello');
  });
  const load = await openKeepAliveLoad(url, [REQUEST], 4);
  const before = seen;
  await load.send(1);
  await load.send(1000);
  load.close();
  expect(seen - before).toBe(1001);
});

test('fails when a response is not 200', async () => {
  let seen = 0;
  const url = await serve((_, response) => {
    seen += 1;
    response.statusCode = seen > 10 ? 401 : 200;
    response.end('hello');
  });
  const load = await openKeepAliveLoad(url, [REQUEST], 2);
  await expect(load.send(100)).rejects.toThrow('did not respond with 200');
  load.close();
});
