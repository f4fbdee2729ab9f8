import { isHopByHop, nominatedFields } from './hop-by-hop.ts';

/** What a request's header section says, and what of it goes on to the API. */
export interface RequestHeaders {
  /** Names and values in turn, in the order and the spelling they came in. */
  readonly fields: string[];
  /** Every `Authorization` value. */
  readonly authorization: readonly string[];
  /** Every `Host` value. */
  readonly hosts: readonly string[];
  readonly hasBody: boolean;
  /** The client waits for a `100 Continue` before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
}

/** What the connection tells about the client. */
export interface ClientConnection {
  readonly remoteAddress: string | undefined;
  readonly protocol: 'http' | 'https';
}

/** Anything that an API could read as a `crossfade-*` header: CGI-style gateways turn every odd character into `_`. */
const CROSSFADE = /^crossfade[^a-z0-9]/;
const CONNECTION_LENGTH = 'connection'.length;

/**
 * Reads a raw header section in one pass and leaves out what must not travel: hop-by-hop fields, fields that
 * `Connection` nominates, and everything that looks like a `crossfade-*` header. Appends the client to
 * `X-Forwarded-For`, and states `X-Forwarded-Proto` and `X-Forwarded-Host` where nobody did before.
 */
export function readRequestHeaders(rawHeaders: readonly string[], client: ClientConnection): RequestHeaders {
  const nominated = nominatedFields(connectionValues(rawHeaders));
  const fields: string[] = [];
  const authorization: string[] = [];
  const hosts: string[] = [];
  const forwardedFor: string[] = [];
  let hasForwardedProto = false;
  let hasForwardedHost = false;
  let hasBody = false;
  let expectsContinue = false;

  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const lower = name.toLowerCase();
    switch (lower) {
      case 'host':
        hosts.push(value);
        continue;
      case 'authorization':
        authorization.push(value);
        break;
      case 'content-length':
        hasBody ||= value !== '0';
        break;
      case 'transfer-encoding':
        hasBody = true;
        continue;
      case 'expect':
        expectsContinue = true;
        continue;
      case 'te':
        // The one coding a client can ask for that this proxy keeps up: trailers of the answer are passed on.
        if (/(?:^|[\s,])trailers(?:$|[\s,;])/i.test(value)) fields.push('te', 'trailers');
        continue;
      case 'x-forwarded-for':
        forwardedFor.push(value);
        continue;
      case 'x-forwarded-proto':
        hasForwardedProto = true;
        break;
      case 'x-forwarded-host':
        hasForwardedHost = true;
        break;
    }
    if (isHopByHop(lower) || nominated.has(lower) || CROSSFADE.test(lower)) continue;
    fields.push(name, value);
  }

  const [host] = hosts;
  if (client.remoteAddress !== undefined) forwardedFor.push(plainAddress(client.remoteAddress));
  if (forwardedFor.length > 0) fields.push('x-forwarded-for', forwardedFor.join(', '));
  if (!hasForwardedProto) fields.push('x-forwarded-proto', client.protocol);
  if (!hasForwardedHost && host !== undefined) fields.push('x-forwarded-host', host);
  return { fields, authorization, hosts, hasBody, expectsContinue };
}

function connectionValues(rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === CONNECTION_LENGTH && name.toLowerCase() === 'connection')
      values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}

/** A dual-stack socket names an IPv4 client `::ffff:192.0.2.1`; nobody downstream expects that. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}
