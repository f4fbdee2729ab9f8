import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type AnswerBody, type BodyPart, chunkedBody, countedBody } from './answer-body.ts';
import { mayBecomePlain, type PlainAnswer, readPlainAnswer } from './plain-answer.ts';

/** What happens to one request on its way to the API and back. */
export interface ApiExchange {
  /** A connection has been found, and the request has not left yet. Called again when it is sent again. */
  onConnect(control: ApiControl): void;
  onRequestSent(): void;
  /**
   * @param part what came of the body with the header section; its data is of use during this call only.
   * @returns whether more can be taken; when not, hardly anything comes until `resume`.
   */
  onAnswer(answer: PlainAnswer, part: BodyPart): boolean;
  /** As above. */
  onData(part: BodyPart): boolean;
  onComplete(): void;
  /** The answer is not for here: this is all that comes from the API, from its first byte. */
  onOther(bytes: Readable): void;
  /** @param inTurn the API closed a used connection in good order, and without a word: it may not have read the request. */
  onError(error: Error, inTurn: boolean): void;
}

/** An exchange's hold on its connection, for as long as it is not over. */
export interface ApiControl {
  /** Ends both; nothing is called any more. */
  abort(): void;
  resume(): void;
}

/** A whole request. */
export interface ApiRequest {
  readonly method: string;
  /** All of it, in latin1. */
  readonly bytes: string;
}

/** Connections to the API that are kept from one request to the next, each for one at a time. */
export interface ApiConnections {
  send(request: ApiRequest, exchange: ApiExchange): void;
  close(): void;
}

/**
 * Opens a connection.
 * @param onBytes is called with what arrives, which is of use during the call only; whether more can be taken.
 */
export type Connect = (
  onBytes: (bytes: Buffer) => boolean,
  done: (...result: [error: Error, socket: null] | [error: null, socket: Socket]) => void,
) => void;

interface KeptConnection extends ApiControl {
  /** Reads what comes from the API. @returns whether more can be taken. */
  take(bytes: Buffer): boolean;
  send(request: ApiRequest, exchange: ApiExchange): void;
  isFresh(nowMs: number): boolean;
  check(nowMs: number): void;
}

const CLOSED = 'the API closed the connection';
const HEAD_END = '\r\n\r\n';
/** What idles for too long is closed within this time. */
const SWEEP_MS = 250;

/**
 * Keeps to what clients of HTTP have learnt from servers that misbehave: a connection serves again one turn of the event loop
 * after its answer, so that a close right behind it is seen; not after a `HEAD`, whose answer may have a body all the
 * same; and what comes unasked for ends it.
 * @param answerTimeoutMs how long the API may take to begin its answer.
 */
export function createApiConnections(connect: Connect, answerTimeoutMs: number): ApiConnections {
  /** The one used last is used next, so that as few as possible are kept. */
  const idle: KeptConnection[] = [];
  const open = new Set<KeptConnection>();
  /** Answered in this turn of the event loop. */
  let cooling: KeptConnection[] = [];
  let isClosed = false;
  const cool = (connection: KeptConnection) => {
    if (cooling.push(connection) > 1) return;
    setImmediate(() => {
      for (const cooled of cooling) if (open.has(cooled)) idle.push(cooled);
      cooling = [];
    });
  };
  const sweep = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of open) connection.check(nowMs);
  }, SWEEP_MS).unref();

  const keep = (socket: Socket): KeptConnection => {
    let exchange: ApiExchange | undefined;
    let method = '';
    /** A header section that is not complete. */
    let head: Buffer | undefined;
    /** Of the answer, once its header section has come. */
    let body: AnswerBody | undefined;
    /** Since the request was sent, or since the connection is idle. */
    let sinceMs = 0;
    let reusableMs = 0;
    let isUsed = false;
    /** Over TLS, what has arrived already still comes. */
    let isPaused = false;

    const resume = () => {
      isPaused = false;
      socket.resume();
    };
    const forget = () => {
      open.delete(connection);
      const place = idle.indexOf(connection);
      if (place >= 0) idle.splice(place, 1);
      exchange = undefined;
    };
    const fail = (error: Error, inTurn = false) => {
      const failed = exchange;
      forget();
      socket.destroy();
      failed?.onError(error, inTurn);
    };
    const complete = () => {
      const completed = exchange;
      exchange = undefined;
      body = undefined;
      isUsed = true;
      if (reusableMs === 0 || isClosed) connection.abort();
      else {
        sinceMs = performance.now();
        if (isPaused) resume();
        cool(connection);
      }
      completed?.onComplete();
    };
    const took = (goesOn: boolean, { trailers, isMore }: BodyPart) => {
      // More than it announced: whatever that is, nobody has asked for it.
      if (isMore) reusableMs = 0;
      if (exchange === undefined || trailers === undefined) return goesOn;
      complete();
      // The next answer is for somebody else.
      return true;
    };
    /** Everything from here on is for another reader. */
    const leaveTo = (current: ApiExchange, bytes: Buffer) => {
      forget();
      const rest = new Readable({
        read: () => void socket.resume(),
        destroy(error, done) {
          socket.destroy();
          done(error);
        },
      });
      // Whoever takes it over will see that it has failed.
      rest.on('error', () => {});
      read = (more) => rest.push(Buffer.from(more));
      socket.off('end', onEnd).off('close', onEnd).off('error', fail);
      socket.on('end', () => rest.push(null)).on('error', (error) => rest.destroy(error));
      socket.on('close', () => {
        if (!socket.readableEnded) rest.destroy(new Error(CLOSED));
      });
      const goesOn = rest.push(Buffer.from(bytes));
      current.onOther(rest);
      return goesOn;
    };
    const readHead = (piece: Buffer, current: ApiExchange) => {
      const bytes = head === undefined ? piece : Buffer.concat([head, piece]);
      const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
      if (end < HEAD_END.length && mayBecomePlain(bytes.toString('latin1'))) {
        head = Buffer.from(bytes);
        return true;
      }
      const answer = end < HEAD_END.length ? undefined : readPlainAnswer(method, bytes.toString('latin1', 0, end));
      if (answer === undefined) return leaveTo(current, bytes);
      const framed = answer.length === 'chunked' ? chunkedBody() : countedBody(answer.length);
      const part = framed.read(bytes.subarray(end));
      if (part === undefined) return leaveTo(current, bytes);
      head = undefined;
      body = framed;
      reusableMs = answer.reusableMs;
      return took(current.onAnswer(answer, part), part);
    };
    let read = (bytes: Buffer): boolean => {
      if (exchange === undefined) {
        connection.abort();
        return false;
      }
      if (body === undefined) return readHead(bytes, exchange);
      const part = body.read(bytes);
      if (part !== undefined) return took(exchange.onData(part), part);
      fail(new Error('the API breaks the rules of chunks'));
      return false;
    };
    const onEnd = () => fail(new Error(CLOSED), isUsed && body === undefined && head === undefined);

    const connection: KeptConnection = {
      take(bytes) {
        isPaused = !read(bytes);
        return !isPaused;
      },
      send(request, next) {
        exchange = next;
        method = request.method;
        sinceMs = performance.now();
        next.onConnect(connection);
        if (exchange !== next) return;
        socket.write(request.bytes, 'latin1');
        next.onRequestSent();
      },
      isFresh: (nowMs) => nowMs - sinceMs < reusableMs,
      check(nowMs) {
        if (exchange === undefined) {
          if (!connection.isFresh(nowMs)) connection.abort();
        } else if (body === undefined && nowMs - sinceMs > answerTimeoutMs) {
          fail(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
        }
      },
      abort() {
        forget();
        socket.destroy();
      },
      resume,
    };
    open.add(connection);
    socket.on('end', onEnd).on('close', onEnd).on('error', fail);
    return connection;
  };

  const freshest = (): KeptConnection | undefined => {
    const nowMs = performance.now();
    for (;;) {
      const connection = idle.pop();
      if (connection === undefined || connection.isFresh(nowMs)) return connection;
      connection.abort();
    }
  };

  return {
    send(request, exchange) {
      const kept = freshest();
      if (kept !== undefined) return kept.send(request, exchange);
      let connection: KeptConnection | undefined;
      let hasSpoken = false;
      const onBytes = (bytes: Buffer) => {
        if (connection !== undefined) return connection.take(bytes);
        hasSpoken = true;
        return false;
      };
      connect(onBytes, (error, socket) => {
        if (error !== null) return exchange.onError(error, false);
        if (isClosed || hasSpoken) {
          socket.destroy();
          return exchange.onError(new Error(hasSpoken ? 'the API spoke first' : 'the connections are closed'), false);
        }
        connection = keep(socket);
        connection.send(request, exchange);
      });
    },
    close() {
      isClosed = true;
      clearInterval(sweep);
      for (const connection of open) connection.abort();
    },
  };
}
