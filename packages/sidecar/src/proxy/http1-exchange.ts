import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { reusableMsOf } from '../fast-path/simple-response.ts';
import { MAX_HEADER_BYTES } from '../http/limits.ts';
import { fieldValue } from '../http/raw-fields.ts';
import { isConnectionLoss, isIdempotent } from '../http/retry.ts';
import { startUpload } from './http1-upload.ts';
import { timeoutError, type UpstreamHandler, type UpstreamRequest, type UpstreamResponse } from './upstream-handler.ts';

/** Opens a connection for one request. */
export type ConnectAttempt = (done: (error: Error | null, socket?: Duplex) => void) => void;

interface Http1Connection {
  /** Has been used for another request before. */
  readonly reused: Socket | undefined;
  /** Opens another one. */
  readonly connect: ConnectAttempt;
  /** Takes the connection back after the response; absent: it is closed. */
  readonly free: ((socket: Socket, reusableMs: number) => void) | undefined;
  /** Sends the request once more, on a new connection. */
  readonly retry: () => void;
}

interface Http1ExchangeParts {
  readonly request: UpstreamRequest;
  /** The whole header section. */
  readonly headers: readonly string[];
  readonly handler: UpstreamHandler;
  readonly responseTimeoutMs: number;
  readonly connection: Http1Connection;
}

/**
 * Sends a request once and reads its response. Of a broken response it makes an error: a status outside 200 to 599, a
 * change of protocols that was not asked for, contradictory lengths, a body that ends too early. What follows a complete
 * response is dropped, and its connection closed.
 * @returns ends the exchange without another call to the handler.
 */
export function startHttp1Exchange(parts: Http1ExchangeParts): () => void {
  const { request, handler, responseTimeoutMs, connection } = parts;
  const { method, body } = request;
  const { reused } = connection;
  const bytesBefore = reused?.bytesRead ?? 0;
  let isOver = false;
  let response: IncomingMessage | undefined;
  let outgoing: ClientRequest;

  const finish = () => {
    isOver = true;
    clearTimeout(timeout);
  };
  const fail = (error: Error) => {
    // The response is complete: what follows it does not matter.
    if (isOver || response?.complete === true) return;
    finish();
    const isUnread = reused !== undefined && reused.bytesRead === bytesBefore && isConnectionLoss(error);
    if (isUnread && body === null && isIdempotent(method)) connection.retry();
    else {
      body?.destroy();
      handler.onError(error);
    }
    outgoing?.destroy();
  };
  const onTimeout = () => {
    if (isOver || response !== undefined) return;
    if (upload.isClientsTurn()) timeout.refresh();
    else fail(timeoutError('the API did not respond in time'));
  };
  // After a pause of this process the response may have arrived, and not been read.
  const timeout = setTimeout(() => setImmediate(onTimeout), responseTimeoutMs).unref();

  try {
    outgoing = httpRequest({
      method,
      path: request.path,
      headers: parts.headers as string[],
      maxHeaderSize: MAX_HEADER_BYTES,
      createConnection(_options, done) {
        if (reused !== undefined) return reused;
        connection.connect(done as Parameters<ConnectAttempt>[0]);
        return undefined;
      },
    });
  } catch (error) {
    // The request cannot be written.
    reused?.destroy();
    process.nextTick(fail, error);
    return finish;
  }
  // Without an agent, Node.js would close the connection after each response; a body after a `HEAD` would be the next one.
  outgoing.shouldKeepAlive = connection.free !== undefined && method !== 'HEAD' && request.upgrade === undefined;
  outgoing.on('error', fail);
  outgoing.on('socket', () => {
    if (!isOver) handler.onRequestSent();
  });
  outgoing.on('information', ({ statusCode, rawHeaders }) => {
    if (isOver) return;
    timeout.refresh();
    if (statusCode !== 100) handler.onInformation(statusCode, rawHeaders);
    else if (upload.continue()) handler.onContinue();
  });
  outgoing.on('response', (incoming) => {
    const head = headOf(incoming);
    if (isOver) return;
    if (head.status < 200 || head.status > 599) return fail(new Error('the API sent an invalid status'));
    if (!isChunkedAtMost(head.rawHeaders)) return fail(new Error('the API sent a body in an unknown transfer coding'));
    response = incoming;
    clearTimeout(timeout);
    const { socket } = incoming;
    if (outgoing.shouldKeepAlive) socket.once('free', () => connection.free?.(socket, reusableMsOf(head.rawHeaders)));
    incoming.on('data', (chunk: Buffer) => {
      if (!isOver && !handler.onData(chunk)) incoming.pause();
    });
    incoming.on('error', fail);
    incoming.on('end', () => {
      if (isOver) return;
      finish();
      handler.onComplete(incoming.rawTrailers);
      upload.end();
      if (!outgoing.writableEnded || !outgoing.shouldKeepAlive) outgoing.destroy();
    });
    try {
      handler.onResponse(head, () => void incoming.resume());
    } catch (error) {
      // A response that Node.js cannot write fails its request, not the process.
      fail(error as Error);
    }
  });
  outgoing.on('upgrade', (incoming, socket, head) => {
    if (isOver || request.upgrade === undefined || handler.onUpgrade === undefined) {
      socket.destroy();
      return fail(new Error('the API changed protocols without being asked to'));
    }
    finish();
    handler.onUpgrade(headOf(incoming), socket, head);
  });

  const upload = startUpload(request, outgoing, {
    onProgress() {
      if (response === undefined) timeout.refresh();
    },
    onError: fail,
  });
  return () => {
    finish();
    body?.destroy();
    outgoing.destroy();
  };
}

function headOf({ statusCode = 0, statusMessage = '', rawHeaders }: IncomingMessage): UpstreamResponse {
  return { status: statusCode, statusText: statusMessage, rawHeaders };
}

/** A coding is of one connection only, and no other than chunks is undone here (RFC 9112 §6.1). */
function isChunkedAtMost(rawHeaders: readonly string[]): boolean {
  const coding = fieldValue(rawHeaders, 'transfer-encoding');
  return coding === undefined || coding.trim().toLowerCase() === 'chunked';
}
