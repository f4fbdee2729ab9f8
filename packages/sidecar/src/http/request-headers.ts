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
  /** The client announces trailers (RFC 9110 §6.6.2): every `Trailer` value. */
  readonly trailer: readonly string[];
}

/** What the connection tells about the client. */
export interface ClientConnection {
  readonly remoteAddress: string | undefined;
  readonly protocol: 'http' | 'https';
  /** What it says about the client before it is believed. */
  readonly trusted: boolean;
}

const CONNECTION_LENGTH = 'connection'.length;

/**
 * Reads a raw header section in one pass and leaves out what must not travel: hop-by-hop fields, fields that
 * `Connection` nominates, everything that looks like a `crossfade-*` header, and, of a client that is no trusted
 * proxy, everything that looks like `Forwarded` or `X-Forwarded-*`. Adds `X-Forwarded-For`, `-Proto` and `-Host`.
 */
export function readRequestHeaders(rawHeaders: readonly string[], client: ClientConnection): RequestHeaders {
  const nominated = nominatedFields(connectionValues(rawHeaders));
  const fields: string[] = [];
  const authorization: string[] = [];
  const hosts: string[] = [];
  const forwardedFor: string[] = [];
  const trailer: string[] = [];
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
      case 'trailer':
        trailer.push(value);
        continue;
      case 'te':
        // The one coding a client can ask for that this proxy keeps up: trailers of the answer are passed on.
        if (/(?:^|[\s,])trailers(?:$|[\s,;])/i.test(value)) fields.push('te', 'trailers');
        continue;
      case 'x-forwarded-for':
        if (client.trusted) forwardedFor.push(value);
        continue;
      case 'x-forwarded-proto':
        hasForwardedProto ||= client.trusted;
        break;
      case 'x-forwarded-host':
        hasForwardedHost ||= client.trusted;
        break;
    }
    if (isHopByHop(lower) || nominated.has(lower) || isSpoof(lower, client.trusted)) continue;
    fields.push(name, value);
  }

  const [host] = hosts;
  if (client.remoteAddress !== undefined) forwardedFor.push(client.remoteAddress);
  if (forwardedFor.length > 0) fields.push('x-forwarded-for', forwardedFor.join(', '));
  if (!hasForwardedProto) fields.push('x-forwarded-proto', client.protocol);
  if (!hasForwardedHost && host !== undefined) fields.push('x-forwarded-host', host);
  return { fields, authorization, hosts, hasBody, expectsContinue, trailer };
}

/** Anything that an API could read as a `crossfade-*` header: CGI-style gateways turn every odd character into `_`. */
const CROSSFADE = /^crossfade[^a-z0-9]/;
/** And as a header that says who the client is. */
const FORWARDED = /^(?:forwarded$|x[^a-z0-9](?:forwarded(?:[^a-z0-9]|$)|real[^a-z0-9]ip$))/;
const OBVIOUS = /^[a-z-]+$/;
const C = 0x63;
const F = 0x66;
const X = 0x78;

/** Whether a name, in lower case, says what this client has no right to say. Also asked of trailers. */
export function isSpoof(name: string, trusted: boolean): boolean {
  const first = name.charCodeAt(0);
  if (first === C) return CROSSFADE.test(name);
  if (first !== X && first !== F) return false;
  // A trusted proxy spells them as everyone does; `X_Forwarded_For` is its client speaking.
  return FORWARDED.test(name) && !(trusted && OBVIOUS.test(name));
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
