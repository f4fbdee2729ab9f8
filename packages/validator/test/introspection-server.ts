import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that the endpoint received. */
export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

export interface IntrospectionServer {
  readonly url: URL;
  readonly requests: ReceivedRequest[];
  /** Responds to the next requests. */
  respond: (response: ServerResponse, request: ReceivedRequest) => void;
  close(): Promise<void>;
}

/** An introspection endpoint on loopback that responds as a test wants. */
export async function startIntrospectionServer(): Promise<IntrospectionServer> {
  const http = createServer(async (incoming, response) => {
    const { method, url, headers } = incoming;
    const request = { method, url, headers, form: new URLSearchParams(await text(incoming)) };
    server.requests.push(request);
    server.respond(response, request);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server: IntrospectionServer = {
    url: new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/introspect`),
    requests: [],
    respond: respondJson({ active: false }),
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}

/** Responds to every request with JSON. */
export function respondJson(json: unknown): IntrospectionServer['respond'] {
  return respondText(JSON.stringify(json));
}

export function respondText(body: string, headers: Record<string, string> = {}): IntrospectionServer['respond'] {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

export function respondStatus(status: number, headers: Record<string, string> = {}): IntrospectionServer['respond'] {
  return (response) => {
    response.writeHead(status, headers).end('<html>no</html>');
  };
}
