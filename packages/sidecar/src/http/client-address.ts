import type { Socket } from 'node:net';
import { BlockList } from 'node:net';
import type { ClientConnection } from './request-headers.ts';

export interface ForwardingOptions {
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  /** What clients speak to the data port. */
  readonly protocol: ClientConnection['protocol'];
  /** The data port is a Unix socket, whose file permissions decide who may connect: everybody is believed. */
  readonly onUnixSocket: boolean;
}

/**
 * Tells who is at the other end of a connection, and whether what it says of the client before it is believed. Looked
 * up once a connection. Who resets a connection has no address any more, and is not believed.
 */
export function createForwarding({
  trustedProxies,
  protocol,
  onUnixSocket,
}: ForwardingOptions): (socket: Socket) => ClientConnection {
  const list = new BlockList();
  for (const network of trustedProxies) {
    const [address = '', prefix] = network.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  const known = new WeakMap<Socket, ClientConnection>();
  const look = (socket: Socket): ClientConnection => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return { remoteAddress, protocol, trusted: onUnixSocket };
    const address = plainAddress(remoteAddress);
    return { remoteAddress: address, protocol, trusted: list.check(address, address.includes(':') ? 'ipv6' : 'ipv4') };
  };
  return (socket) => {
    let client = known.get(socket);
    if (client === undefined) {
      client = look(socket);
      known.set(socket, client);
    }
    return client;
  };
}

/** A dual-stack socket names an IPv4 client `::ffff:192.0.2.1`; nobody downstream expects that. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
