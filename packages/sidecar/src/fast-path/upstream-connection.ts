import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type AnswerBody, type BodyPart, chunkedBody, countedBody } from './response-body.ts';
import { mayBecomePlain, type PlainAnswer, readPlainAnswer } from './simple-response.ts';

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

/** A connection to the API, for one request at a time. */
export interface KeptConnection extends ApiControl {
  /** Reads what comes from the API. @returns whether more can be taken. */
  take(bytes: Buffer): boolean;
  send(request: ApiRequest, exchange: ApiExchange): void;
  isFresh(nowMs: number): boolean;
  check(nowMs: number): void;
}

interface KeptConnectionParts {
  /** How long the API may take to begin its answer. */
  readonly answerTimeoutMs: number;
  /** It may serve again. */
  readonly onAnswered: (connection: KeptConnection) => void;
  /** It is closed, or somebody else's. */
  readonly onGone: (connection: KeptConnection) => void;
}

const CLOSED = 'the API closed the connection';
const HEAD_END = '\r\n\r\n';

export function keepConnection(
  socket: Socket,
  { answerTimeoutMs, onAnswered, onGone }: KeptConnectionParts,
): KeptConnection {
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
    exchange = undefined;
    onGone(connection);
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
    if (reusableMs === 0) connection.abort();
    else {
      sinceMs = performance.now();
      if (isPaused) resume();
      onAnswered(connection);
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
  socket.on('end', onEnd).on('close', onEnd).on('error', fail);
  return connection;
}
