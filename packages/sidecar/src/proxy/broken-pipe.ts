import type { Socket } from 'node:net';

/** How long the rest of a response may take after the API has stopped reading. */
const REST_MS = 5_000;

/**
 * Lets a connection be read to its end after the API has stopped reading. An API may refuse an upload, and close, before
 * it has read the body: then its response has arrived, and Node.js would discard it with the first write that fails.
 */
export function readAfterBrokenPipe(socket: Socket): void {
  const { _write: write, _writev: writev } = socket;
  let isBroken = false;
  const tolerate = (done: (error?: Error | null) => void) => (error?: Error | null) => {
    if (isBroken || !isBrokenPipe(error)) return done(isBroken ? null : error);
    isBroken = true;
    const limit = setTimeout(() => socket.destroy(error), REST_MS).unref();
    socket.once('close', () => clearTimeout(limit));
    done();
  };
  socket._write = (chunk, encoding, done) => {
    if (isBroken) done();
    else write.call(socket, chunk, encoding, tolerate(done));
  };
  socket._writev = (chunks, done) => {
    if (isBroken) done();
    else writev?.call(socket, chunks, tolerate(done));
  };
}

function isBrokenPipe(error: (Error & { code?: string }) | null | undefined): error is Error {
  return error?.code === 'EPIPE' || error?.code === 'ECONNRESET';
}
