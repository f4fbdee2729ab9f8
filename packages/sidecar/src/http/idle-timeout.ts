import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Closes the connection of a client that sends nothing of its body, or accepts nothing of its response. A silent API
 * does not count: event streams may be silent as long as they like.
 */
export interface IdleTimeout {
  /** Starts the timeout: the next bytes are the client's to send or to accept. */
  start(): void;
  /** Stops the timeout, unless the client still has something to send or to accept. */
  stop(): void;
}

/** Relies on the socket's own timeout, which each byte sent or received restarts, and on node:http closing the socket. */
export function createIdleTimeout(request: IncomingMessage, response: ServerResponse, limitMs: number): IdleTimeout {
  let queued: NodeJS.Timeout | undefined;
  const isReceiving = () => !request.complete && request.readableFlowing === true;
  const isSending = () => response.writableNeedDrain || response.writableLength > 0;
  const start = () => {
    if (response.socket !== null) {
      request.socket.setTimeout(limitMs);
      return;
    }
    // Pipelined behind another response, which may be silent for a good reason: check again later.
    if (queued !== undefined) return;
    queued = setTimeout(() => {
      queued = undefined;
      if (!response.destroyed && (isSending() || isReceiving())) start();
    }, limitMs).unref();
  };
  return {
    start,
    stop() {
      // After a response, node:http uses the timer for the idle connection.
      if (response.writableFinished || response.writableNeedDrain || isReceiving()) return;
      if (response.socket !== null) request.socket.setTimeout(0);
    },
  };
}
