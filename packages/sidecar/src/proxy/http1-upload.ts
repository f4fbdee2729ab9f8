import type { ClientRequest } from 'node:http';
import type { UpstreamRequest } from './upstream-handler.ts';

/** The sending of a request's body. */
export interface Upload {
  /** Whether the client is to send more, rather than the API to read or to respond. */
  isClientsTurn(): boolean;
  /** The API has asked for the body. @returns whether the client is to be told so: once, and if it asked. */
  continue(): boolean;
  /** Ends an upload whose response came first. */
  end(): void;
}

interface UploadEvents {
  /** The client has sent more. */
  onProgress(): void;
  /** The client broke off. */
  onError(error: Error): void;
}

/** Sends a request's body, if it has one, as fast as the API reads it; then the trailers. */
export function startUpload(request: UpstreamRequest, outgoing: ClientRequest, events: UploadEvents): Upload {
  const { body, expectsContinue } = request;
  if (body === null) {
    outgoing.end();
    return { isClientsTurn: () => false, continue: () => false, end() {} };
  }
  let hasStarted = !expectsContinue;
  let hasContinued = false;
  let hasSentHead = false;
  body.on('data', (chunk: Buffer) => {
    hasStarted = true;
    hasSentHead = true;
    events.onProgress();
    if (!outgoing.write(chunk)) body.pause();
  });
  outgoing.on('drain', () => body.resume());
  body.on('error', events.onError);
  body.on('end', () => {
    hasSentHead = true;
    const trailers = request.trailers();
    if (trailers.length > 0) outgoing.addTrailers(trailers);
    outgoing.end();
  });
  // The header section does not wait for a body that has not come with it. An empty write sends it in latin1.
  setImmediate(() => {
    if (!hasSentHead && !outgoing.destroyed) outgoing.write('', 'latin1');
  });
  return {
    isClientsTurn: () => hasStarted && !outgoing.writableEnded && !outgoing.writableNeedDrain,
    continue() {
      if (!expectsContinue || hasContinued) return false;
      hasContinued = true;
      hasStarted = true;
      return true;
    },
    end() {
      if (!outgoing.writableEnded) body.destroy();
    },
  };
}
