import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { StoreFault } from './faulty-store.ts';

export interface FixedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface FaultyServer {
  readonly url: string;
  inflict(fault: StoreFault): void;
  repair(): void;
  close(): Promise<void>;
}

const PAGE = '<!doctype html><html><title>Sign in to the network</title></html>';
const HALF = '{"issue-target":{"enabled":true,"percent":9';

/** Starts a server that sends the given responses until a fault is inflicted. */
export async function startFaultyServer(
  respond: (request: IncomingMessage, body: Buffer) => FixedResponse | Promise<FixedResponse>,
): Promise<FaultyServer> {
  let fault: StoreFault | undefined;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const current = fault;
    if (current === 'down') request.socket.destroy();
    else if (current === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    else if (current !== 'slow') send(current, await respond(request, await buffer(request)), response);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inflict(given) {
      fault = given;
    },
    repair() {
      // A request that hangs never gets a response; any other one in flight gets its own.
      if (fault === 'slow') server.closeAllConnections();
      fault = undefined;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function send(fault: StoreFault | undefined, { status, headers, body }: FixedResponse, response: ServerResponse): void {
  if (fault === 'cut off') {
    response.writeHead(status, { ...headers, 'content-length': '200' }).write(HALF, () => response.destroy());
  } else if (fault === 'broken json') {
    response.writeHead(status, headers).end(HALF);
  } else {
    response.writeHead(status, headers).end(fault === 'empty' ? '' : body);
  }
}
