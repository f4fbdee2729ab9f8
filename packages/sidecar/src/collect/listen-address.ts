import { isLoopbackHost } from '@crossfade/core';

/** Whether an address (`host:port`) is reached from this machine only. */
export function isLoopback(address: string): boolean {
  return isLoopbackHost(address.replace(/:\d+$/, ''));
}

/** Whether an address is a Unix socket: `unix:` and its path. */
export function isSocket(address: string): boolean {
  return address.startsWith('unix:');
}
