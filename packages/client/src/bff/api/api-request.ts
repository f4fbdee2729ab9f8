import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
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
      headers: Object.fromEntries(new Headers(headers)),
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
  // A body that is longer than it says would be read as the next request.
  Object.assign(request, { strictContentLength: true });
  return new Promise((resolve, reject) => {
    request.on('timeout', () => {
      if (waitsForBrowser(request)) request.setTimeout(timeoutMs);
      else request.destroy(new ApiTimeoutError('the API did not respond in time'));
    });
    request.on('error', reject);
    request.on('response', (response) => {
      request.setTimeout(0);
      resolve(response);
    });
    if (body instanceof ReadableStream) pipeline(Readable.fromWeb(body as never), request).catch(reject);
    else request.end(body);
  });
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
