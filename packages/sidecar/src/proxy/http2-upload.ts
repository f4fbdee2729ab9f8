import type { ClientHttp2Stream } from 'node:http2';
import { http2Fields } from '../http2/http2-fields.ts';
import type { UpstreamRequest } from './upstream-handler.ts';

/** The body of a request on its way to the API. */
export interface Upload {
  /** The client is to send (more of) it, and the API accepts it. */
  isUnderWay(): boolean;
  /** Whether all that has been sent can be sent again. */
  canRepeat(): boolean;
  /** Sends it on a stream, from its beginning. */
  start(stream: ClientHttp2Stream): void;
  /** Sends nothing more on that stream. */
  pause(): void;
  /** It will not be sent again. */
  forget(): void;
  /** Ends it, complete or not. */
  destroy(): void;
}

interface UploadEvents {
  onProgress(): void;
  onError(error: Error): void;
}

/** Kept until there is a response, in case that the API refuses the stream. A usual gRPC message is smaller. */
const MAX_KEPT_BYTES = 65_536;

export function createUpload({ body, trailers, expectsContinue }: UpstreamRequest, events: UploadEvents): Upload {
  if (body === null) return WITHOUT_BODY;
  let kept: Buffer[] | undefined = [];
  let keptBytes = 0;
  let hasEnded = false;
  let hasBegun = false;
  let current: ClientHttp2Stream | undefined;
  const resume = () => void body.resume();

  const keep = (chunk: Buffer) => {
    keptBytes += chunk.length;
    if (keptBytes > MAX_KEPT_BYTES) kept = undefined;
    kept?.push(chunk);
  };
  body.on('data', (chunk: Buffer) => {
    hasBegun = true;
    keep(chunk);
    if (current?.write(chunk) !== true) body.pause();
    events.onProgress();
  });
  body.on('end', () => {
    hasEnded = true;
    current?.end();
    events.onProgress();
  });
  body.on('error', events.onError);
  body.pause();

  return {
    isUnderWay: () => !hasEnded && (hasBegun || !expectsContinue) && current?.writableNeedDrain !== true,
    canRepeat: () => kept !== undefined,
    start(stream) {
      current = stream;
      stream.on('drain', resume);
      stream.once('wantTrailers', () => {
        if (!stream.destroyed && !stream.closed) stream.sendTrailers(http2Fields(trailers().flat()));
      });
      let isBelowMark = true;
      for (const chunk of kept ?? []) isBelowMark = stream.write(chunk);
      if (hasEnded) stream.end();
      else if (isBelowMark) body.resume();
    },
    pause() {
      current?.off('drain', resume);
      current = undefined;
      body.pause();
    },
    forget() {
      kept = undefined;
    },
    destroy() {
      kept = undefined;
      body.destroy();
    },
  };
}

const WITHOUT_BODY: Upload = {
  isUnderWay: () => false,
  canRepeat: () => true,
  start() {},
  pause() {},
  forget() {},
  destroy() {},
};
