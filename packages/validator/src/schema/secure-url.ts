import { isLoopbackHost } from '@crossfade/core';

/** Whether keys may be fetched from a URL: nobody on the way can exchange them, and it holds no credentials. */
export function isTrustworthyUrl({ protocol, hostname, username, password }: URL): boolean {
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}
