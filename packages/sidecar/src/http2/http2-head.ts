/** The head of an HTTP/2 request, in the terms of HTTP/1.1. */
export interface Http2Head {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, without pseudo-header fields. */
  readonly rawHeaders: readonly string[];
}

/**
 * Reads the header section of an HTTP/2 request. `:authority` replaces `Host` (RFC 9113 §8.3.1), and the parts of a
 * split cookie are joined (§8.2.3).
 */
export function readHttp2Head(raw: readonly string[]): Http2Head {
  let method = 'GET';
  let target = '';
  let authority: string | undefined;
  const rawHeaders: string[] = [];
  const hosts: string[] = [];
  const cookies: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    if (name === ':method') method = value;
    else if (name === ':path') target = value;
    else if (name === ':authority') authority = value;
    else if (name === 'cookie') cookies.push(value);
    else if (name === 'host') hosts.push(value);
    else if (!name.startsWith(':')) rawHeaders.push(name, value);
  }
  if (authority !== undefined) rawHeaders.push('host', authority);
  else for (const host of hosts) rawHeaders.push('host', host);
  if (cookies.length > 0) rawHeaders.push('cookie', cookies.join('; '));
  return { method, target, rawHeaders };
}
