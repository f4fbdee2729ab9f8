import type { Socket } from 'node:net';
import { BlockList } from 'node:net';
import type { ClientConnection } from './request-headers.ts';

export interface ClientAddressOptions {
  /** Addresses and CIDR ranges. */
  readonly trustedProxies: readonly string[];
  /** The protocol of the data port. */
  readonly protocol: ClientConnection['protocol'];
  /** The data port is a Unix socket; its file permissions limit access, so that every client is trusted. */
  readonly onUnixSocket: boolean;
}

/**
 * Finds the address of a connection's client, and whether its `X-Forwarded-*` headers are trusted; once for each
 * connection. A client that has reset its connection has no address any more, and is not trusted.
 */
export function createClientLookup({
  trustedProxies,
  protocol,
  onUnixSocket,
}: ClientAddressOptions): (socket: Socket) => ClientConnection {
  const list = new BlockList();
  for (const network of trustedProxies) {
    const [address = '', prefix] = network.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  const known = new WeakMap<Socket, ClientConnection>();
  const lookUp = (socket: Socket): ClientConnection => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return { remoteAddress, protocol, trusted: onUnixSocket };
    const address = plainAddress(remoteAddress);
    return { remoteAddress: address, protocol, trusted: list.check(address, address.includes(':') ? 'ipv6' : 'ipv4') };
  };
  return (socket) => {
    let client = known.get(socket);
    if (client === undefined) {
      client = lookUp(socket);
      known.set(socket, client);
    }
    return client;
  };
}

/** A dual-stack socket names an IPv4 client `::ffff:192.0.2.1`, which no API expects. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
