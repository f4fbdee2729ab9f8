import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type LentBody, lentBodyOf } from './lent-body.ts';
import { LentSocket } from './lent-socket.ts';

/** Lends the requests of one connection to the HTTP server, one at a time. */
export interface Lender {
  /** @param head a whole header section. */
  lend(head: Buffer): void;
  /** Passes what belongs to the request. @returns the rest; everything, as long as the header section is not read. */
  pass(bytes: Buffer): Buffer;
  /** Takes the connection back, if request and response are complete. */
  settle(): void;
  /** Of the request's trailer section, if it is unfinished. */
  pendingBytes(): number;
  /** The client sends no more. */
  end(): void;
  /** The timeout that the server has set has expired. */
  timeOut(): void;
  /** The connection is closed, or belongs to another. */
  close(): void;
}

export interface LenderParts {
  /** Makes the HTTP server read a connection. */
  readonly serve: (socket: Socket) => void;
  /** The header section is read: `pass` takes the body, but not at once, because the parser is not reentrant. */
  readonly onRead: () => void;
  /** The response is complete, and so is the request. */
  readonly onReturn: () => void;
  /** The connection ends with the response. */
  readonly onLast: () => void;
}

const NOTHING = Buffer.alloc(0);

export function createLender(client: Socket, { serve, onRead, onReturn, onLast }: LenderParts): Lender {
  /** Kept for the next request: the server's parser and listeners are the larger part of what a request costs. */
  let lent: LentSocket | undefined;
  let request: IncomingMessage | undefined;
  let body: LentBody | undefined;
  let isAnswered = false;

  const settle = () => {
    if (lent?.isLent !== true || request === undefined || !isAnswered || body?.isComplete() !== true) return;
    // The server is closing the connection.
    if (lent.writableEnded || lent.destroyed) return;
    if (request.complete) {
      lent.isLent = false;
      client.setTimeout(0);
      onReturn();
    } else if (lent.readableLength === 0) {
      // The server does not see the request's end where it was found. What came next could be read in two ways.
      client.destroy();
    }
  };
  const onAnswered = () => {
    isAnswered = true;
    settle();
  };
  const open = () => {
    const opened = new LentSocket(client, {
      onRead: () => {
        if (opened.isLent && body?.isComplete() === false) client.resume();
      },
      onRequest(begun, response) {
        // Two requests where there was one.
        if (!opened.isLent || request !== undefined) return void client.destroy();
        request = begun;
        body = lentBodyOf(begun);
        response.on('finish', onAnswered);
        if (!body.isComplete()) begun.once('close', settle);
        onRead();
      },
      onDestroy() {
        if (lent === opened) lent = undefined;
        if (!opened.isLent) return;
        opened.isLent = false;
        if (opened.writableFinished) onLast();
        else client.destroy();
      },
    });
    serve(opened as unknown as Socket);
    return opened;
  };

  return {
    lend(head) {
      [request, body, isAnswered] = [undefined, undefined, false];
      lent ??= open();
      lent.isLent = true;
      lent.push(head);
    },
    pass(bytes) {
      if (lent === undefined || body === undefined || body.isComplete()) return bytes;
      const end = body.read(bytes);
      const acceptsMore = lent.push(end === undefined ? bytes : bytes.subarray(0, end));
      if (end !== undefined) {
        if (!acceptsMore && !body.isComplete()) client.pause();
        return bytes.subarray(end);
      }
      // The server rejects the body, too, and says so to the client; or the two disagree.
      if (lent?.writableEnded === false) client.destroy();
      return NOTHING;
    },
    settle,
    pendingBytes: () => body?.pendingBytes() ?? 0,
    end: () => void lent?.push(null),
    timeOut: () => void lent?.emit('timeout'),
    close() {
      if (lent === undefined) return;
      lent.isLent = false;
      lent.destroy();
    },
  };
}
