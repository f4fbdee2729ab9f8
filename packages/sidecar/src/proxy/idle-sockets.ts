import type { Socket } from 'node:net';

/** Connections to the API that wait for another request. */
export interface IdleSockets {
  /** Returns the one used last, so that few are kept open. */
  take(): Socket | undefined;
  /** @param reusableMs for how long it may be reused. */
  add(socket: Socket, reusableMs: number): void;
  close(): void;
}

interface IdleSocket {
  readonly socket: Socket;
  /** From `performance.now()`. */
  readonly untilMs: number;
}

/** How often connections that have waited too long are closed. */
const SWEEP_MS = 250;

/**
 * Guards against servers that misbehave, as the fast path does: a connection is reused only one turn of the event loop
 * after its response, so that a close right after it is seen; and bytes that no request asked for close it.
 */
export function createIdleSockets(): IdleSockets {
  let idle: IdleSocket[] = [];
  let isClosed = false;
  function closeIdle(this: Socket) {
    idle = idle.filter(({ socket }) => socket !== this);
    this.off('data', closeIdle).off('end', closeIdle).off('close', closeIdle).destroy();
  }
  const sweep = setInterval(() => {
    const nowMs = performance.now();
    for (const { socket, untilMs } of idle) if (nowMs >= untilMs) closeIdle.call(socket);
  }, SWEEP_MS).unref();

  return {
    take() {
      const nowMs = performance.now();
      for (;;) {
        const last = idle.pop();
        if (last === undefined) return undefined;
        const { socket, untilMs } = last;
        if (nowMs >= untilMs || socket.destroyed) closeIdle.call(socket);
        else return socket.off('data', closeIdle).off('end', closeIdle).off('close', closeIdle).off('error', onError);
      }
    },
    add(socket, reusableMs) {
      socket.on('error', onError);
      if (isClosed || reusableMs <= 0 || socket.destroyed) {
        socket.destroy();
        return;
      }
      socket.on('data', closeIdle).on('end', closeIdle).on('close', closeIdle);
      setImmediate(() => {
        if (isClosed) socket.destroy();
        else if (!socket.destroyed) idle.push({ socket, untilMs: performance.now() + reusableMs });
      });
    },
    close() {
      isClosed = true;
      clearInterval(sweep);
      for (const { socket } of idle) closeIdle.call(socket);
    },
  };
}

function onError(): void {}
