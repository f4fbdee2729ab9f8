import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Sends requests over kept connections, one at a time on each, and waits for all of the answers. */
export interface KeepAliveLoad {
  /** @throws when an answer is not 200, or a connection fails. */
  send(count: number): Promise<void>;
  close(): void;
}

const OK = 'HTTP/1.1 200 ';

/**
 * A load for rounds that are too short for a load generator of the shelf: those measure by the second, in which a shared
 * machine changes its pace. The answers have to be of one length. It polls and never sleeps: on one machine a server would
 * have to wake it up, which costs the server more the more of its time the load has to wait for it.
 */
export async function openKeepAliveLoad(
  url: string,
  requests: readonly Buffer[],
  connections: number,
): Promise<KeepAliveLoad> {
  const { hostname, port } = new URL(url);
  const sockets = await Promise.all(Array.from({ length: connections }, () => openSocket(Number(port), hostname)));
  const [first] = sockets;
  if (first === undefined) throw new Error('a load needs a connection');
  let sent = 0;
  const next = () => requests[sent++ % requests.length] ?? Buffer.alloc(0);
  const answerBytes = await measureAnswer(first, next());

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
          return end(new Error('a request of the benchmark was not answered with 200'));
        received += chunk.length;
        if (received < answerBytes) return;
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

function isOk(answer: Buffer): boolean {
  return answer.toString('latin1', 0, OK.length) === OK;
}

async function measureAnswer(socket: Socket, request: Buffer): Promise<number> {
  socket.write(request);
  let answer = '';
  for (;;) {
    const [chunk] = await once(socket, 'data');
    answer += chunk.toString('latin1');
    const head = answer.indexOf('\r\n\r\n');
    if (head < 0) continue;
    if (!answer.startsWith(OK)) throw new Error('a request of the benchmark was not answered with 200');
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(answer)?.[1];
    if (length === undefined) throw new Error('an answer of the benchmark has no length');
    if (answer.length >= head + 4 + Number(length)) return head + 4 + Number(length);
  }
}
