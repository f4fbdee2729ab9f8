import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAgentSource } from '@crossfade/flags/agent';
import type { StoreUnderTest } from './store-under-test.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const PATH = '/applications/orders/environments/prod/configurations/crossfade';

/** Starts an HTTP server like the AppConfig Agent. It breaks down by destroying every connection. */
export async function createAgentStore(): Promise<StoreUnderTest> {
  let content: string | undefined;
  let isDown = false;
  const server = createServer((request, response) => {
    if (isDown) request.socket.destroy();
    else if (request.url !== PATH || content === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json', 'configuration-version': '1' }).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    open: (cacheDirectory) =>
      createAgentSource({
        ...LOCATION,
        url,
        pollIntervalMs: 20,
        ...(cacheDirectory !== undefined && { cacheDirectory }),
      }),
    publish: async (flags) => {
      content = JSON.stringify(flags);
    },
    publishGarbage: async () => {
      content = '<html>Bad Gateway</html>';
    },
    breakDown: async () => {
      isDown = true;
    },
    repair: async () => {
      isDown = false;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
