import { BlockList, isIP } from 'node:net';

/** Whether an address is that of a trusted proxy. A text that is no address is not. */
export type IsTrustedProxy = (address: string) => boolean;

/** @param networks addresses and CIDR ranges. */
export function createTrustedProxies(networks: readonly string[]): IsTrustedProxy {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = familyOf(address);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
