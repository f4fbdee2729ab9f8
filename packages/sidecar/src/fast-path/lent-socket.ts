import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export interface LentSocketEvents {
  /** The HTTP server accepts more. */
  onRead(): void;
  /** The HTTP server has read a header section. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** The HTTP server has no more use for the connection, or never had. */
  onDestroy(): void;
}

type Done = (error?: Error | null) => void;

interface Chunk {
  readonly chunk: string | Buffer;
  readonly encoding: BufferEncoding;
}

/**
 * A client's connection as the HTTP server sees it: only the bytes of the requests that are lent to it, one at a time.
 * What it writes goes to the client at once. A class, because Node.js extends streams by classes.
 */
export class LentSocket extends Duplex {
  /** The connection itself. */
  readonly client: Socket;
  /** While not, the timeout of the connection is not the server's to set. */
  isLent = false;
  readonly #events: LentSocketEvents;

  constructor(client: Socket, events: LentSocketEvents) {
    super({ decodeStrings: false });
    this.client = client;
    this.#events = events;
    this.on('error', () => {});
  }

  /** To be called when the HTTP server emits a request of this connection. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#events.onRequest(request, response);
  }

  setTimeout(timeoutMs: number, listener?: () => void): this {
    if (this.isLent) this.client.setTimeout(timeoutMs);
    if (listener !== undefined) this.once('timeout', listener);
    return this;
  }

  /** As that of `net.Socket`. */
  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.client.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.client.remotePort;
  }

  getPeerX509Certificate(): X509Certificate | undefined {
    return (
      this.client as Socket & { getPeerX509Certificate?(): X509Certificate | undefined }
    ).getPeerX509Certificate?.();
  }

  override _read(): void {
    this.#events.onRead();
  }

  /** Done when the kernel has the bytes, so that both connections apply the same back-pressure. */
  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Done): void {
    if (chunk.length === 0) done();
    else this.client.write(chunk, encoding, done);
  }

  override _writev(chunks: Chunk[], done: Done): void {
    const filled = chunks.filter(({ chunk }) => chunk.length > 0);
    const last = filled.pop();
    if (last === undefined) {
      done();
      return;
    }
    // One chunk, as most responses are, is cheaper by itself.
    if (filled.length > 0) this.client.cork();
    for (const { chunk, encoding } of filled) this.client.write(chunk, encoding);
    this.client.write(last.chunk, last.encoding, done);
    if (filled.length > 0) this.client.uncork();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#events.onDestroy();
    done(error);
  }
}

/** The connection of a request's client, whether or not its requests are lent. */
export function clientSocket(socket: Socket): Socket {
  return socket instanceof LentSocket ? socket.client : socket;
}
