import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server on loopback that speaks as much of Redis's protocol (RESP2) as a denylist needs. */
export interface RespServer {
  readonly url: string;
  /** Values by key, for `GET`. */
  readonly values: Map<string, string>;
  /** Names of the commands that arrived, but for those of the handshake. */
  readonly commands: string[];
  /** How many connections were made so far. */
  connections(): number;
  /** Connections that are open get no reply any more; new ones do. */
  silence(): void;
  /** Ends all connections, and refuses new ones until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const HANDSHAKE = ['HELLO', 'CLIENT', 'AUTH', 'SELECT'];

/** @param silent - how many of the first connections get no reply at all. */
export async function startRespServer(silent = 0): Promise<RespServer> {
  const sockets = new Set<Socket>();
  const silenced = new WeakSet<Socket>();
  const commands: string[] = [];
  const values = new Map<string, string>();
  let connections = 0;
  let port = 0;

  function replyTo([name = '', key = '']: readonly string[]): string {
    const command = name.toUpperCase();
    if (!HANDSHAKE.includes(command)) commands.push(command);
    if (command !== 'GET') return '+OK\r\n';
    const value = values.get(key);
    return value === undefined ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`;
  }

  function open() {
    return createServer((socket) => {
      connections += 1;
      if (connections <= silent) silenced.add(socket);
      sockets.add(socket);
      let text = '';
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        for (let read = readCommand(text); read !== undefined; read = readCommand(text)) {
          text = text.slice(read.length);
          if (!silenced.has(socket)) socket.write(replyTo(read.words));
        }
      });
    });
  }

  let server = open();
  const respServer: RespServer = {
    get url() {
      return `redis://127.0.0.1:${port}`;
    },
    values,
    commands,
    connections: () => connections,
    silence() {
      for (const socket of sockets) silenced.add(socket);
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async start() {
      server = open();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    },
  };
  await respServer.start();
  return respServer;
}

/** Reads one command, an array of bulk strings; `undefined` until all of it has arrived. */
function readCommand(text: string): { readonly words: string[]; readonly length: number } | undefined {
  const count = /^\*(\d+)\r\n/.exec(text);
  if (count === null) return undefined;
  let at = count[0].length;
  const words: string[] = [];
  for (let index = 0; index < Number(count[1]); index += 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    const start = at + size[0].length;
    at = start + Number(size[1]) + 2;
    if (text.length < at) return undefined;
    words.push(text.slice(start, at - 2));
  }
  return { words, length: at };
}
