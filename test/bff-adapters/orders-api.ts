import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What the API received. */
export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** A real API over HTTP. Its paths are below `/v1/`; those it does not know respond with what they received. */
export interface OrdersApi {
  readonly url: string;
  readonly received: readonly ReceivedRequest[];
  /** The tokens that it refuses with 401. */
  readonly refused: Set<string>;
  /** `closed`: a request whose client went away before its response was complete. */
  readonly events: EventEmitter;
  /** Sends an event on each open event stream. */
  send(data: string): void;
  close(): Promise<void>;
}

export const GZIPPED = JSON.stringify({ text: 'the same again, '.repeat(500) });
export const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function startOrdersApi(): Promise<OrdersApi> {
  const received: ReceivedRequest[] = [];
  const refused = new Set<string>();
  const events = new EventEmitter();
  const streams = new Set<ServerResponse>();

  const routes: Readonly<Record<string, Handler>> = {
    '/v1/echo': (request, response) => request.pipe(response),
    '/v1/download': (_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      let left = 10;
      const write = () => {
        while (left > 0) {
          left -= 1;
          if (!response.write(MEGABYTE)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    },
    '/v1/events': (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      streams.add(response);
      response.once('close', () => streams.delete(response));
    },
    '/v1/hang': (request) => void request.resume(),
    '/v1/half': (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    },
    '/v1/early': (request, response) => {
      request.resume();
      response.writeHead(413).end('too long');
    },
    '/v1/gzip': (_, response) => {
      const body = gzipSync(GZIPPED);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.byteLength, etag: '"z"' }).end(body);
    },
    '/v1/cookies': (_, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.setHeader('connection', 'x-internal');
      response.setHeader('x-internal', 'hop');
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('clear-site-data', '"*"');
      response.setHeader('x-kept', 'yes');
      response.end('{}');
    },
    '/v1/moved': (_, response) => void response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
    '/v1/nothing': (_, response) => void response.writeHead(204).end(),
    '/v1/unchanged': (_, response) => void response.writeHead(304, { etag: '"1"' }).end(),
  };

  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    received.push({ method, url, headers });
    events.emit('request');
    response.once('close', () => {
      if (!response.writableFinished) events.emit('closed', url);
    });
    const token = headers.authorization?.replace(/^Bearer /, '');
    if (token === undefined || refused.has(token)) {
      request.resume();
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('{"refused":true}');
      return;
    }
    const route = routes[url?.split('?')[0] ?? ''];
    if (route !== undefined) return route(request, response);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method, url, headers }));
  });
  // On a slow machine the server would close an idle connection just when a client uses it again.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    refused,
    events,
    send(data) {
      for (const stream of streams) stream.write(`data: ${data}\n\n`);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
