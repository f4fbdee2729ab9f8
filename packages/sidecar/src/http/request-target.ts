/** The part of the API that a request is for. */
export interface RequestTarget {
  readonly path: string;
  /** The authority of an absolute request target; it overrides the `Host` header (RFC 9112 §3.2.2). */
  readonly host?: string;
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]+)(.*)$/i;

/**
 * Reads a request target in origin or absolute form.
 * @returns `undefined` for `*`, which no client library can send, and for anything else that names no path.
 */
export function readRequestTarget(target: string, pathPrefix: string): RequestTarget | undefined {
  if (target.startsWith('/')) return { path: pathPrefix === '' ? target : pathPrefix + target };
  const [, host, rest = ''] = ABSOLUTE_FORM.exec(target) ?? [];
  if (host === undefined || host.includes('@')) return undefined;
  return { path: pathPrefix + (rest.startsWith('/') ? rest : `/${rest}`), host };
}
