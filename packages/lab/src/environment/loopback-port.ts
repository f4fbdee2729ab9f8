import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Finds free TCP ports on 127.0.0.1 that a server can listen on again after a restart. They lie below the ephemeral
 * range of operating systems, so that no outgoing connection takes one in the meantime.
 */
export async function findLoopbackPorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
