import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stands in for a Service: sends each new connection to one of its endpoints in turn. Like kube-proxy it learns late of a
 * change, and leaves the connections that exist where they are.
 */
export interface Service {
  readonly port: number;
  /** Sends new connections to `port` as well, after the lag. */
  add(port: number): Promise<void>;
  /** Stops sending new connections to `port`, after the lag. */
  remove(port: number): Promise<void>;
  close(): Promise<void>;
}

export async function startService(lagMs: number): Promise<Service> {
  let endpoints: readonly number[] = [];
  let turn = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    turn += 1;
    const endpoint = endpoints[turn % endpoints.length];
    if (endpoint === undefined) return client.destroy();
    const pod = connect(endpoint, '127.0.0.1');
    for (const [from, to] of [
      [client, pod],
      [pod, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroySoon();
      });
      from.pipe(to);
    }
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    port: address.port,
    async add(port) {
      await sleep(lagMs);
      endpoints = [...endpoints, port];
    },
    async remove(port) {
      await sleep(lagMs);
      endpoints = endpoints.filter((endpoint) => endpoint !== port);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
