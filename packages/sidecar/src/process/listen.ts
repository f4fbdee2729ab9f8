import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, type ListenOptions } from 'node:net';
import { ConfigError, errorCode } from '@crossfade/core';

/** Failures to listen that only a change of the configuration resolves. */
const REASON: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is already in use',
  EADDRNOTAVAIL: 'is not an address of this machine',
  EACCES: 'needs a privilege that this process lacks',
  ENOTFOUND: 'names an unknown host',
  EAI_AGAIN: 'names a host that cannot be resolved',
};

const UNIX = 'unix:';
const NO_FOLDER = 'cannot be created: its folder is missing or not writable';

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Makes a server listen.
 * @param address `host:port`, where port 0 is any free port; or `unix:` and the path of a socket.
 * @param setting the address's name in the error.
 * @param start makes the server listen, if that needs more than `server.listen`.
 * @returns the base URL, or the address of the socket; for all interfaces, the URL of the loopback.
 * @throws {@link ConfigError} if the server cannot listen there.
 */
export async function listen(
  server: Server,
  address: string,
  setting: string,
  start: (where: ListenAddress) => Promise<unknown> = (where) => started(server, where),
): Promise<string> {
  try {
    if (address.startsWith(UNIX)) {
      await listenOnSocket(server, address.slice(UNIX.length));
      return address;
    }
    const separator = address.lastIndexOf(':');
    const host = address.slice(0, separator).replace(/^\[|\]$/g, '');
    await start({ host, port: Number(address.slice(separator + 1)) });
  } catch (error) {
    const code = errorCode(error) ?? '';
    const reason = code === 'EACCES' && address.startsWith(UNIX) ? NO_FOLDER : REASON[code];
    if (reason === undefined) throw error;
    throw new ConfigError('plan', [{ path: setting, message: `${address} ${reason}` }]);
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address and a port');
  const protocol = 'setSecureContext' in server ? 'https' : 'http';
  return `${protocol}://${urlHost(bound.address)}:${bound.port}`;
}

/** A socket's file outlives a killed process: if no process listens on it, the file is replaced. */
async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await started(server, { path });
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE' || (await isListening(path))) throw error;
    await rm(path);
    await started(server, { path });
  }
}

async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    return errorCode(error) !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

function started(server: Server, where: ListenOptions): Promise<unknown> {
  return once(server.listen(where), 'listening');
}

function urlHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}
