import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { isStream } from '../../tokens/is-stream.ts';
import { nodeBody } from '../http/node-body.ts';

/** The API did not connect, take the request, or begin its response in time. */
export class ApiTimeoutError extends Error {
  override readonly name = 'ApiTimeoutError';
}

/** Statuses whose responses have no body. @see https://fetch.spec.whatwg.org/#null-body-status */
const WITHOUT_BODY: readonly (number | undefined)[] = [204, 205, 304];

/** Methods that may be sent a second time whatever became of the first (RFC 9110 §9.2.2). */
const IDEMPOTENT: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

/**
 * Creates a `fetch` that passes bodies on: undecoded, so that they stay compressed and their `ETag` stays true, and without a
 * limit of their time, as an event stream needs it. Follows no redirect.
 * @param timeoutMs how long a socket may be idle until the response begins: while it connects, takes the body, or waits.
 */
export function createApiRequest(timeoutMs: number): typeof fetch {
  return async (input, { method = 'GET', headers, body, signal } = {}) => {
    const url = new URL(String(input));
    const options: RequestOptions = {
      method,
      headers: framed(new Headers(headers), body),
      timeout: timeoutMs,
      ...(signal && { signal }),
    };
    let reused = false;
    const attempt = (more: RequestOptions = {}) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { ...options, ...more });
      return exchange(request, body ?? undefined, timeoutMs).finally(() => {
        reused = request.reusedSocket;
      });
    };
    const response = await attempt().catch((error: unknown) => {
      const mayRepeat = reused && isReset(error) && IDEMPOTENT.includes(method) && !isStream(body);
      // The API closed the connection while it was idle: a new one.
      if (mayRepeat) return attempt({ agent: false });
      throw error;
    });
    return webResponse(response, method);
  };
}

function isReset(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(String((error as NodeJS.ErrnoException).code));
}

function exchange(request: ClientRequest, body: unknown, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('timeout', () => {
      if (waitsForBrowser(request)) request.setTimeout(timeoutMs);
      else request.destroy(new ApiTimeoutError('the API did not respond in time'));
    });
    request.on('error', reject);
    // Nothing asked for it, and without a listener neither a response nor an error would follow.
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new TypeError('the API switched protocols'));
    });
    request.on('response', (response) => {
      request.setTimeout(0);
      resolve(response);
    });
    sendBody(request, body).catch((error) => {
      request.destroy();
      reject(error);
    });
  });
}

/** A body that is longer than it says would be read as the next request of the connection. */
async function sendBody(request: ClientRequest, body: unknown): Promise<void> {
  const header = request.getHeader('content-length');
  const length = header === undefined ? undefined : Number(header);
  if (body instanceof ReadableStream) return pipeline(sized(body, length), request);
  if (body instanceof Uint8Array && length !== undefined && length !== body.byteLength) throw wrongLength();
  request.end(body);
}

async function* sized(body: ReadableStream<Uint8Array>, length: number | undefined): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of body) {
    sent += chunk.byteLength;
    if (length !== undefined && sent > length) throw wrongLength();
    yield chunk;
  }
  if (length !== undefined && sent < length) throw wrongLength();
}

function wrongLength(): TypeError {
  return new TypeError('the body is not as long as its Content-Length');
}

/** Node.js frames no body of a DELETE or OPTIONS by itself: the API would read it as the next request of the connection. */
function framed(headers: Headers, body: RequestInit['body']): Record<string, string> {
  // `Connection: content-length` takes the length away.
  if (body instanceof Uint8Array)
    headers.set('content-length', headers.get('content-length') ?? String(body.byteLength));
  const isUnframed = body instanceof ReadableStream && !headers.has('content-length');
  return { ...Object.fromEntries(headers), ...(isUnframed && { 'transfer-encoding': 'chunked' }) };
}

/** Whether the browser has not sent the rest of its body: nothing that the API could be blamed for. */
function waitsForBrowser({ writableEnded, writableNeedDrain, socket }: ClientRequest): boolean {
  return !writableEnded && !writableNeedDrain && socket?.connecting === false;
}

function webResponse(response: IncomingMessage, method: string): Response {
  const { statusCode = 502, rawHeaders } = response;
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] as string, rawHeaders[index + 1] as string);
  }
  // The length of a body that does not come: a 204 has none (RFC 9110 §8.6), and that of a 205 would be waited for.
  if (statusCode === 204 || statusCode === 205) headers.delete('content-length');
  // Its reader sees how the body ends.
  response.on('error', () => {});
  const isEmpty = method === 'HEAD' || WITHOUT_BODY.includes(statusCode);
  if (isEmpty) response.resume();
  try {
    return new Response(isEmpty ? null : nodeBody(response, (source) => source.destroy()), {
      status: statusCode,
      headers,
    });
  } catch (error) {
    response.destroy();
    throw error;
  }
}
