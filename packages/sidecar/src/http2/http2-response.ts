import { constants, type Http2Stream, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { http2Fields } from './http2-fields.ts';

/** A response of the sidecar's own. */
interface OwnResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Writes a response of our own, and ends the upload. Does nothing once a response has begun. */
export function respondToStream(stream: ServerHttp2Stream, { status, headers, body }: OwnResponse): void {
  if (stream.headersSent || stream.destroyed || stream.closed) return;
  stream.once('finish', () => endUpload(stream));
  stream.respond({ ':status': status, ...headers });
  stream.end(body);
}

/** Writes a response of our own without content. @param fields names and values in turn. */
export function respondEmpty(stream: ServerHttp2Stream, status: number, fields: readonly string[]): void {
  stream.respond({ ':status': status, ...http2Fields(fields), 'content-length': '0' }, { endStream: true });
  endUpload(stream);
}

/**
 * Tells a client whose response is complete to send nothing more of its body (RFC 9113 §8.1). What has arrived is
 * discarded. Does nothing if the body is complete, too.
 */
export function endUpload(stream: ServerHttp2Stream): void {
  // After all frames of the response: they would be dropped behind the reset.
  resetStream(stream, constants.NGHTTP2_NO_ERROR);
  stream.resume();
}

/**
 * Resets a stream, once no event of its connection is under way: within one, Node.js 20 sends what is pending, and nghttp2
 * frees streams that it goes on reading. Clients could crash the process.
 */
export function resetStream(stream: Http2Stream, rstCode: number): void {
  setImmediate(() => {
    if (stream.destroyed) return;
    if (!stream.closed) stream.close(rstCode);
    else if (isStranded(stream)) stream.destroy();
  });
}

/**
 * Whether a stream can never close by itself: its peer has reset it with NO_ERROR, and Node.js waits for the writes that
 * nghttp2 dropped with it. Any other code destroys a stream at once.
 */
export function isStranded(stream: Http2Stream): boolean {
  if (!stream.closed || stream.destroyed || stream.writableFinished) return false;
  // nghttp2 does not know it any more. Of one that is closed behind its last write, it does.
  if (stream.state.state !== constants.NGHTTP2_STREAM_STATE_IDLE) return false;
  const { session } = stream;
  if (session === undefined || session.destroyed) return false;
  // Otherwise the end of a whole response may still be on its way to a slow client. No public property says so.
  const { _handle: handle } = session.socket as Socket & { readonly _handle?: { readonly writeQueueSize: number } };
  return handle?.writeQueueSize === 0;
}

/** The codes that say something about the request. Others are about a connection, which another client has not seen. */
const ABOUT_THE_REQUEST: ReadonlySet<number | undefined> = new Set([
  constants.NGHTTP2_INTERNAL_ERROR,
  constants.NGHTTP2_REFUSED_STREAM,
  constants.NGHTTP2_CANCEL,
  constants.NGHTTP2_ENHANCE_YOUR_CALM,
]);

/** The code with which a stream is reset after the other one was, if that can be passed on. */
export function forwardedReset(rstCode: number | undefined): number | undefined {
  return ABOUT_THE_REQUEST.has(rstCode) ? rstCode : undefined;
}
