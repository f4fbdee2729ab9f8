import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, type ListenOptions } from 'node:net';
import { ConfigError, errorCode } from '@crossfade/core';

/** Failures to listen that only another configuration mends. */
const REASON: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use already',
  EADDRNOTAVAIL: 'is no address of this machine',
  EACCES: 'needs a privilege that this process lacks',
  ENOTFOUND: 'names an unknown host',
  EAI_AGAIN: 'names a host that can not be resolved',
};

const UNIX = 'unix:';
const NO_FOLDER = 'can not be made: its folder is missing, or not writable';

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Makes a server listen.
 * @param address `host:port`, where port 0 takes any free one; or `unix:` and the path of a socket.
 * @param setting names the address in the error.
 * @param start makes the server listen, where that takes more than asking it to.
 * @returns the base URL, or the address of the socket; an address that stands for all interfaces is named by its
 * loopback.
 * @throws {@link ConfigError} when the address can't be listened on.
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

/** The file of a socket outlives a process that was killed; where nobody answers any more, it is taken over. */
async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await started(server, { path });
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE' || (await answers(path))) throw error;
    await rm(path);
    await started(server, { path });
  }
}

async function answers(path: string): Promise<boolean> {
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
