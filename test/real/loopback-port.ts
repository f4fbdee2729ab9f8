import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Finds a free TCP port on 127.0.0.1, for a program that cannot report the port it chose. The port is below the range of
 * ephemeral ports, so no outgoing connection takes it in the meantime.
 */
export async function loopbackPort(): Promise<number> {
  const port = randomInt(20_000, 32_000);
  const isFree = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  return isFree ? port : loopbackPort();
}
