import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { fieldValue } from '../http/raw-fields.ts';
import { isIdempotent } from '../http/retry.ts';
import { resetStream } from '../http2/http2-response.ts';
import type { SessionPool } from './http2-session-pool.ts';
import { createUpload } from './http2-upload.ts';
import type { UpstreamSession } from './http2-upstream-session.ts';
import { timeoutError, type UpstreamHandler, type UpstreamRequest } from './upstream-handler.ts';

interface Http2ExchangeParts {
  readonly request: UpstreamRequest;
  readonly fields: OutgoingHttpHeaders;
  readonly handler: UpstreamHandler;
  readonly pool: SessionPool;
  readonly responseTimeoutMs: number;
}

/**
 * Sends a request on a stream and reads its response. A stream that the API has certainly not processed is sent once
 * more, whatever its method (RFC 9113 §8.7); another one of a connection that was lost, only if it is idempotent and has
 * no body.
 * @returns ends the exchange without another call to the handler. @param rstCode the client's own.
 */
export function startHttp2Exchange(parts: Http2ExchangeParts): (rstCode?: number) => void {
  const { request, fields, handler, pool, responseTimeoutMs } = parts;
  const { body, method, expectsContinue } = request;
  let stream: ClientHttp2Stream | undefined;
  let session: UpstreamSession | undefined;
  let cancel: () => void = () => {};
  let isOver = false;
  let hasResponse = false;
  let hasContinued = false;
  let attempts = 0;
  let hadServed = false;
  let sentAtMs = 0;

  const finish = () => {
    isOver = true;
    clearTimeout(timeout);
    cancel();
  };
  const fail = (error: Error, rstCode: number = constants.NGHTTP2_CANCEL) => {
    if (isOver) return;
    finish();
    upload.destroy();
    if (stream !== undefined) resetStream(stream, rstCode);
    handler.onError(error);
  };
  const upload = createUpload(request, { onProgress: () => timeout.refresh(), onError: (error) => fail(error) });
  const onTimeout = () => {
    if (isOver || hasResponse) return;
    if (stream !== undefined && upload.isUnderWay()) return void timeout.refresh();
    session?.suspect(sentAtMs);
    fail(timeoutError('the API did not respond in time'));
  };
  // After a pause of this process the response may have arrived, and not been read.
  const timeout = setTimeout(() => setImmediate(onTimeout), responseTimeoutMs).unref();

  const mayRepeat = (refused: boolean) => {
    if (hasResponse || attempts > 1) return false;
    if (refused) return upload.canRepeat();
    return session?.isLost() === true && hadServed && body === null && isIdempotent(method);
  };
  const onClose = (current: ClientHttp2Stream) => {
    if (isOver || current !== stream) return;
    if (mayRepeat(session?.hasRefused(current) === true)) {
      stream = undefined;
      upload.pause();
      // By then it is known which connections are closed.
      setImmediate(attempt);
    } else fail(earlyEnd(session?.isLost() === true ? undefined : current.rstCode));
  };

  const send = (chosen: UpstreamSession) => {
    session = chosen;
    hadServed = chosen.hasServed();
    const current = chosen.request(fields, { endStream: body === null, waitForTrailers: body !== null });
    stream = current;
    sentAtMs = performance.now();
    attempts += 1;
    if (attempts === 1) handler.onRequestSent();
    let rawTrailers: readonly string[] = [];
    /** Of the response's body, in bytes; `NaN` where its length is not known. */
    let missing = Number.NaN;
    current.on('headers', (headers: IncomingHttpHeaders & { ':status'?: number }, _flags, raw?: readonly string[]) => {
      if (isOver) return;
      chosen.heard();
      timeout.refresh();
      const status = headers[':status'] ?? 0;
      if (status !== 100) return handler.onInformation(status, withoutPseudo(raw ?? []));
      if (!expectsContinue || hasContinued) return;
      hasContinued = true;
      handler.onContinue();
    });
    current.on('response', (headers, flags, raw?: readonly string[]) => {
      if (isOver) return;
      chosen.heard();
      hasResponse = true;
      clearTimeout(timeout);
      upload.forget();
      const status = headers[':status'] ?? 0;
      if (status < 200 || status > 599) return fail(new Error('the API sent an invalid status'));
      const isComplete = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      const head = { status, statusText: '', rawHeaders: withoutPseudo(raw ?? []), isComplete };
      const hasBody = !isComplete && method !== 'HEAD' && status !== 204 && status !== 304;
      if (hasBody) missing = lengthOf(head.rawHeaders);
      try {
        handler.onResponse(head, () => void current.resume());
      } catch (error) {
        // A response that Node.js cannot write fails its request, not the process.
        return fail(error as Error);
      }
      current.on('data', (chunk: Buffer) => {
        if (isOver) return;
        chosen.heard();
        missing -= chunk.length;
        if (!handler.onData(chunk)) current.pause();
      });
    });
    current.on('trailers', (_headers, _flags, raw?: readonly string[]) => {
      rawTrailers = raw ?? [];
    });
    current.on('end', () => {
      if (isOver || !hasResponse) return;
      // Node.js also ends what the API has reset without an error. A client would take the next response for the rest.
      if (missing > 0) return fail(earlyEnd(constants.NGHTTP2_NO_ERROR));
      finish();
      chosen.heard();
      handler.onComplete(rawTrailers);
      // A response before the end of the body ends the upload.
      if (current.writableFinished) return;
      upload.destroy();
      resetStream(current, constants.NGHTTP2_CANCEL);
    });
    current.on('error', () => onClose(current));
    current.on('close', () => onClose(current));
    upload.start(current);
  };
  const attempt = () => {
    if (isOver) return;
    cancel = pool.acquire((error, chosen) => {
      cancel = () => {};
      if (isOver) return;
      if (error !== null || chosen === undefined) return fail(error ?? new Error('no connection'));
      try {
        send(chosen);
      } catch (unsendable) {
        fail(unsendable as Error);
      }
    });
  };
  process.nextTick(attempt);
  return (rstCode = constants.NGHTTP2_CANCEL) => {
    if (isOver) return;
    finish();
    upload.destroy();
    if (stream !== undefined) resetStream(stream, rstCode);
  };
}

function lengthOf(rawHeaders: readonly string[]): number {
  return Number(fieldValue(rawHeaders, 'content-length') ?? Number.NaN);
}

/** @param rstCode the API's; absent if the connection was lost. */
function earlyEnd(rstCode: number | undefined): Error {
  const error = new Error('the API ended the stream early');
  return Object.assign(error, rstCode === undefined ? { code: 'ECONNRESET' } : { rstCode });
}

function withoutPseudo(raw: readonly string[]): readonly string[] {
  return raw[0]?.startsWith(':') && !raw[2]?.startsWith(':') ? raw.slice(2) : raw.filter(isOrdinary);
}

function isOrdinary(_text: string, index: number, raw: readonly string[]): boolean {
  return raw[index - (index % 2)]?.startsWith(':') !== true;
}
