import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Cuts the connection of a client that makes us wait: sends nothing of its body, or takes nothing of its answer. A
 * silent API is no reason: event streams may be silent for as long as they like.
 */
export interface StallGuard {
  /** From now on, the next move is the client's. */
  wait(): void;
  /** The client has moved, or the next move is the API's. */
  ease(): void;
}

/** Leans on the socket's own timer, which any byte that really left or came puts back, and on Node.js cutting there. */
export function createStallGuard(request: IncomingMessage, response: ServerResponse, limitMs: number): StallGuard {
  let queued: NodeJS.Timeout | undefined;
  const receives = () => !request.complete && request.readableFlowing === true;
  const waits = () => !response.destroyed && (response.writableNeedDrain || response.writableLength > 0 || receives());
  const wait = () => {
    if (response.socket !== null) {
      request.socket.setTimeout(limitMs);
      return;
    }
    // Pipelined behind another answer, which may be silent with reason: to be looked at again.
    if (queued !== undefined) return;
    queued = setTimeout(() => {
      queued = undefined;
      if (waits()) wait();
    }, limitMs).unref();
  };
  return {
    wait,
    ease() {
      // Behind an answer, the timer is the one of idle connections.
      if (response.writableFinished || response.writableNeedDrain || receives()) return;
      if (response.socket !== null) request.socket.setTimeout(0);
    },
  };
}
