import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Sends requests over keep-alive connections, one at a time on each, and waits for all responses. */
export interface KeepAliveLoad {
  /** @throws when a response is not 200, or a connection fails. */
  send(count: number): Promise<void>;
  close(): void;
}

const OK = 'HTTP/1.1 200 ';

/**
 * Opens connections for rounds that are too short for wrk and its like: those measure by the second, and a shared machine
 * changes its speed within that. All responses must have the same length. The load polls and never sleeps, because waking
 * a sleeping load would cost CPU time of the server on the same machine.
 */
export async function openKeepAliveLoad(
  url: string,
  requests: readonly Buffer[],
  connections: number,
): Promise<KeepAliveLoad> {
  const { hostname, port } = new URL(url);
  const sockets = await Promise.all(Array.from({ length: connections }, () => openSocket(Number(port), hostname)));
  const [first] = sockets;
  if (first === undefined) throw new Error('connections: expected 1 or more');
  let sent = 0;
  const next = () => requests[sent++ % requests.length] ?? Buffer.alloc(0);
  const responseBytes = await measureResponse(first, next());

  function run(socket: Socket, left: { count: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      let received = 0;
      const end = (error?: Error) => {
        socket.off('data', onData).off('error', end).off('close', onClose);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onClose = () => end(new Error('the server closed a connection of the benchmark'));
      const proceed = () => {
        left.count -= 1;
        if (left.count < 0) end();
        else socket.write(next());
      };
      const onData = (chunk: Buffer) => {
        if (received === 0 && !isOk(chunk))
          return end(new Error('the server did not respond with 200 to a request of the benchmark'));
        received += chunk.length;
        if (received < responseBytes) return;
        received = 0;
        proceed();
      };
      socket.on('data', onData).once('error', end).once('close', onClose);
      proceed();
    });
  }

  return {
    async send(count) {
      const left = { count };
      let isWaiting = true;
      const poll = () => {
        if (isWaiting) setImmediate(poll);
      };
      poll();
      try {
        await Promise.all(sockets.map((socket) => run(socket, left)));
      } finally {
        isWaiting = false;
      }
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function openSocket(port: number, host: string): Promise<Socket> {
  const socket = connect({ port, host, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function isOk(response: Buffer): boolean {
  return response.toString('latin1', 0, OK.length) === OK;
}

async function measureResponse(socket: Socket, request: Buffer): Promise<number> {
  socket.write(request);
  let response = '';
  for (;;) {
    const [chunk] = await once(socket, 'data');
    response += chunk.toString('latin1');
    const head = response.indexOf('\r\n\r\n');
    if (head < 0) continue;
    if (!response.startsWith(OK)) throw new Error('the server did not respond with 200 to a request of the benchmark');
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(response)?.[1];
    if (length === undefined) throw new Error('a response to the benchmark has no Content-Length');
    if (response.length >= head + 4 + Number(length)) return head + 4 + Number(length);
  }
}
