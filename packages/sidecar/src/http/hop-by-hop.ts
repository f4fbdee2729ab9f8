/** Header fields that concern one connection, not the message (RFC 9110 §7.6.1), and their unofficial relatives. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Fields that a `Connection` header cannot remove. Naming them there is an error at best, and at worst an attempt to
 * show the API another request than the one that was judged.
 */
const NEVER_NOMINATED: ReadonlySet<string> = new Set([
  'access-control-request-headers',
  'access-control-request-method',
  'authorization',
  'client-cert',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'dpop',
  'dpop-nonce',
  'forwarded',
  'host',
  'origin',
  'set-cookie',
  'www-authenticate',
  'x-forwarded-client-cert',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-forwarded-proto',
]);

const NONE: ReadonlySet<string> = new Set();
const LENGTHS: ReadonlySet<number> = new Set([...HOP_BY_HOP].map(({ length }) => length));

/** @param name in lower case. */
export function isHopByHop(name: string): boolean {
  // Comparing lengths first spares most names their hash, on every request and response.
  return LENGTHS.has(name.length) && HOP_BY_HOP.has(name);
}

/** Whether a `Connection` option nominates no field. */
function isConnectionOption(option: string): boolean {
  return option === 'close' || option === 'keep-alive';
}

/**
 * The fields that the `Connection` headers of a message nominate as hop-by-hop, in lower case.
 * @param connection the values of all its `Connection` headers.
 */
export function nominatedFields(connection: readonly string[]): ReadonlySet<string> {
  let nominated: Set<string> | undefined;
  for (const value of connection) {
    if (isConnectionOption(value)) continue;
    for (const option of value.split(',')) {
      const name = option.trim().toLowerCase();
      if (name === '' || isConnectionOption(name) || NEVER_NOMINATED.has(name)) continue;
      nominated ??= new Set();
      nominated.add(name);
    }
  }
  return nominated ?? NONE;
}
