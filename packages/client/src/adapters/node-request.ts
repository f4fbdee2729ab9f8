import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { nodeBody } from '../bff/http/node-body.ts';

/** The parts of a request of `node:http` that a request of the web is made of. */
export interface NodeExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query, as the client sent them. */
  readonly target: string;
}

/** Methods that a request of the web cannot have. @see https://fetch.spec.whatwg.org/#forbidden-method */
const FORBIDDEN: readonly string[] = ['CONNECT', 'TRACE', 'TRACK'];

/**
 * Returns a request of `node:http` as one of the web. Its body is read from the socket as it is asked for, and its signal is
 * aborted when the client goes away.
 * @param publicUrl the origin of its URL: `Host` comes from the client.
 * @returns `undefined` for a request that cannot be one: with the method `TRACE`, or a malformed URL.
 */
export function webRequest(exchange: NodeExchange, publicUrl: string): Request | undefined {
  const { request, target } = exchange;
  const url = `${publicUrl}${originForm(target)}`;
  const { method = 'GET' } = request;
  if (FORBIDDEN.includes(method.toUpperCase()) || !URL.canParse(url)) return undefined;
  const signal = goneSignal(exchange);
  const init = hasBody(request) ? { body: nodeBody(request, discard), duplex: 'half' } : {};
  return new Request(url, { method, headers: webHeaders(request), signal, ...init } as RequestInit);
}

/** A request with the headers only, to ask whose it is. */
export function headerRequest({ request, target }: Omit<NodeExchange, 'response'>, publicUrl: string): Request {
  const path = originForm(target);
  const url = URL.canParse(`${publicUrl}${path}`) ? `${publicUrl}${path}` : publicUrl;
  return new Request(url, { headers: webHeaders(request) });
}

/** The path of a request, without its query. */
export function pathOf(target: string): string {
  return originForm(target).split('?', 1)[0] ?? '';
}

/** Whether a request has a body that a parser of the application has already read. */
export function isBodyConsumed(request: IncomingMessage): boolean {
  return hasBody(request) && request.readableDidRead;
}

/** A client may send an absolute URL, as to a proxy, or `*`. @see RFC 9112 §3.2 */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return '/';
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}

function hasBody(request: IncomingMessage): boolean {
  const { method, headers } = request;
  if (method === 'GET' || method === 'HEAD') return false;
  // On HTTP/2 no header tells; an empty body would count as a stream, which is not sent again after a 401.
  const { stream } = request as { readonly stream?: ServerHttp2Stream };
  if (stream !== undefined) return !stream.endAfterHeaders;
  return 'transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > 0;
}

function webHeaders({ headers }: IncomingMessage): Headers {
  const converted = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // Pseudo-headers of HTTP/2 begin with a colon.
    if (value !== undefined && !name.startsWith(':')) converted.set(name, String(value));
  }
  return converted;
}

function goneSignal({ response }: NodeExchange): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    if (!response.writableFinished) controller.abort(new DOMException('the client has gone', 'AbortError'));
  };
  if (response.closed) abort();
  else response.once('close', abort);
  return controller.signal;
}

/** The rest of a body has to be read before the connection can have another request. */
function discard(request: NodeJS.ReadableStream): void {
  request.resume();
}
