import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Finds a free TCP port on 127.0.0.1 that stays ours to listen on again after a restart. It lies below the range from
 * which operating systems draw the ports of outgoing connections, so none of those can take it in the meantime.
 */
export async function findLoopbackPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

const given = new Set<number>();

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
