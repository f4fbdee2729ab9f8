import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Where a server falls silent: before its response, or in the body of a response that it began. */
export type Silence = 'before the head' | 'in the body';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';

/** A server that accepts every connection, and sends no complete response. Over TLS, no handshake ends either. */
export async function startSilentParty(silence: Silence): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      if (silence === 'in the body') socket.write(`${HEAD}{"issuer":`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Collects garbage for as long as the process runs: what only a collected object would do never happens. */
export function keepCollectingGarbage(): void {
  setFlagsFromString('--expose-gc');
  setInterval(runInNewContext('gc') as () => void, 50).unref();
}
