import { once } from 'node:events';
import type { Server } from 'node:http';
import { ConfigError } from '@crossfade/core';

/** Failures to listen that only another configuration mends. */
const REASON: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use already',
  EADDRNOTAVAIL: 'is no address of this machine',
  EACCES: 'needs a privilege that this process lacks',
  ENOTFOUND: 'names an unknown host',
  EAI_AGAIN: 'names a host that can not be resolved',
};

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Makes a server listen.
 * @param address `host:port`; port 0 takes any free one.
 * @param setting names the address in the error.
 * @param start makes the server listen, where that takes more than asking it to.
 * @returns the base URL; an address that stands for all interfaces is named by its loopback.
 * @throws {@link ConfigError} when the address can't be listened on.
 */
export async function listen(
  server: Server,
  address: string,
  setting: string,
  start: (where: ListenAddress) => Promise<unknown> = (where) => once(server.listen(where), 'listening'),
): Promise<string> {
  const separator = address.lastIndexOf(':');
  const host = address.slice(0, separator).replace(/^\[|\]$/g, '');
  try {
    await start({ host, port: Number(address.slice(separator + 1)) });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? REASON[String(error.code)] : undefined;
    if (reason === undefined) throw error;
    throw new ConfigError('plan', [{ path: setting, message: `${address} ${reason}` }]);
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address and a port');
  return `http://${urlHost(bound.address)}:${bound.port}`;
}

function urlHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}
