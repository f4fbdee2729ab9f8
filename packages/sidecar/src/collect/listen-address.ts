const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]):\d+$/;

/** Whether an address (`host:port`) is reached from this machine only. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address);
}

/** Whether an address is a Unix socket: `unix:` and its path. */
export function isSocket(address: string): boolean {
  return address.startsWith('unix:');
}
