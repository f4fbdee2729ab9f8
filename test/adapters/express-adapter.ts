import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crossfade } from '@crossfade/validator/express';
import express5 from 'express';
import express4 from 'express4';
import { type Adapter, guardOptions, routesOf } from './adapter.ts';
import { sendOverHttp } from './over-http.ts';

function expressAdapter(name: string, express: typeof express5): Adapter {
  return {
    name,
    async start(setup) {
      const app = express();
      const options = guardOptions(setup);
      for (const [path, route] of routesOf(setup)) {
        app.post(path, crossfade({ ...options, ...route }), (request, response) => {
          response.send(request.accessToken?.subject);
        });
      }
      const server = createServer(app).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      return {
        send: (request) => sendOverHttp(base, request),
        async close() {
          server.closeAllConnections();
          server.close();
          await once(server, 'close');
        },
      };
    },
  };
}

export const expressAdapters = [
  expressAdapter('Express 5', express5),
  expressAdapter('Express 4', express4 as unknown as typeof express5),
];
