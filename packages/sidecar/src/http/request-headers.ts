import { isHopByHop, nominatedFields } from './hop-by-hop.ts';

/** A request's header section: what it says, and what is forwarded to the API. */
export interface RequestHeaders {
  /** The forwarded ones: names and values in turn, in their original order and spelling, `Host` first (RFC 9110 §7.2). */
  readonly fields: string[];
  /** Every `Authorization` value. */
  readonly authorization: readonly string[];
  /** Every `Host` value. */
  readonly hosts: readonly string[];
  readonly hasBody: boolean;
  /** The client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Every `Trailer` value: the client announces trailers (RFC 9110 §6.6.2). */
  readonly trailer: readonly string[];
}

/** The client, as its connection shows it. */
export interface ClientConnection {
  readonly remoteAddress: string | undefined;
  readonly protocol: 'http' | 'https';
  /** Whether its `X-Forwarded-*` and `Forwarded` headers are forwarded. */
  readonly trusted: boolean;
  /** Notes that this client, which is not trusted, sent such a header. */
  readonly noteReplaced?: (() => void) | undefined;
  /** The header that names a client certificate. */
  readonly certificateHeader?: CertificateHeader | undefined;
  /** Of this connection, where the data port asks for one. */
  readonly certificate?: ClientCertificate | undefined;
}

export interface CertificateHeader {
  /** In lower case. */
  readonly name: string;
  /** Whether this client is a trusted proxy, which sets or removes the header on every request. */
  readonly isBelieved: boolean;
}

/** A certificate whose key a client proved to have. */
export interface ClientCertificate {
  /** `x5t#S256` (RFC 8705 §3.1). */
  readonly thumbprint: string;
  /** Its `Client-Cert` (RFC 9440 §2.2). */
  readonly header: string;
}

const CONNECTION_LENGTH = 'connection'.length;

/**
 * Reads a raw header section in one pass and drops what must not be forwarded: hop-by-hop fields, fields that
 * `Connection` nominates, `Proxy`, everything that looks like a `crossfade-*` header and, unless the client is a trusted
 * proxy, everything that looks like `Forwarded`, `X-Forwarded-*` or the header of a client certificate. Adds
 * `X-Forwarded-For`, `-Proto` and `-Host`, and `Client-Cert` for the certificate of the connection.
 * @param authority of an absolute request target: it replaces `Host` (RFC 9112 §3.2.2).
 */
export function readRequestHeaders(
  rawHeaders: readonly string[],
  client: ClientConnection,
  authority?: string,
): RequestHeaders {
  const nominated = nominatedFields(connectionValues(rawHeaders));
  const fields: string[] = ['host', ''];
  let authorization = NONE;
  let hosts = NONE;
  let forwardedFor: string | undefined;
  let trailer = NONE;
  let hasForwardedProto = false;
  let hasForwardedHost = false;
  let isForwarded = false;
  let hasBody = false;
  let expectsContinue = false;

  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const lower = name.toLowerCase();
    switch (lower) {
      case 'host':
        fields[0] = name;
        hosts = withValue(hosts, value);
        continue;
      case 'proxy':
        // CGI would call it `HTTP_PROXY`, by which programs find their own proxy ("httpoxy", CVE-2016-5385).
        continue;
      case 'authorization':
        authorization = withValue(authorization, value);
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
        trailer = withValue(trailer, value);
        continue;
      case 'te':
        // Trailers of the response are forwarded; transfer codings that a client offers are not.
        if (/(?:^|[\s,])trailers(?:$|[\s,;])/i.test(value)) fields.push('te', 'trailers');
        continue;
      case 'forwarded':
        isForwarded = true;
        break;
      case 'x-forwarded-for':
        isForwarded = true;
        if (client.trusted) forwardedFor = listed(forwardedFor, value);
        continue;
      case 'x-forwarded-proto':
        isForwarded = true;
        hasForwardedProto ||= client.trusted;
        break;
      case 'x-forwarded-host':
        isForwarded = true;
        hasForwardedHost ||= client.trusted;
        break;
    }
    if (isHopByHop(lower) || isSpoof(lower, client.trusted)) continue;
    if (nominated.size > 0 && nominated.has(lower)) continue;
    if (client.certificateHeader !== undefined && isFalseCertificate(lower, client.certificateHeader)) continue;
    fields.push(name, value);
  }

  if (isForwarded && !client.trusted) client.noteReplaced?.();
  const host = authority ?? hosts[0];
  if (host === undefined) fields.splice(0, 2);
  else fields[1] = host;
  if (client.remoteAddress !== undefined) forwardedFor = listed(forwardedFor, client.remoteAddress);
  if (forwardedFor !== undefined) fields.push('x-forwarded-for', forwardedFor);
  if (!hasForwardedProto) fields.push('x-forwarded-proto', client.protocol);
  if (!hasForwardedHost && host !== undefined) fields.push('x-forwarded-host', host);
  if (client.certificate !== undefined) fields.push('client-cert', client.certificate.header);
  return { fields, authorization, hosts, hasBody, expectsContinue, trailer };
}

/** Nearly every request has at most one value of a header: a list made with it takes a seventh of one that it is pushed to. */
const NONE: readonly string[] = [];

function withValue(values: readonly string[], value: string): readonly string[] {
  return values.length === 0 ? [value] : [...values, value];
}

/** Joins the values of one header (RFC 9110 §5.3). */
function listed(values: string | undefined, value: string): string {
  return values === undefined ? value : `${values}, ${value}`;
}

/** The rest of a certificate's chain (RFC 9440 §2.3). It is believed where the certificate is. */
const CHAIN = '-chain';

/** Whether a header claims a certificate, or its chain, that its sender may not speak for, in any spelling. */
function isFalseCertificate(field: string, { name, isBelieved }: CertificateHeader): boolean {
  const isChain = field.length === name.length + CHAIN.length;
  if (field.length !== name.length && !isChain) return false;
  const claimed = isChain ? `${name}${CHAIN}` : name;
  if (isBelieved && field === claimed) return false;
  return field.replaceAll(UNUSUAL, '-') === claimed.replaceAll(UNUSUAL, '-');
}

/** Anything an API could read as a `crossfade-*` header: CGI-style gateways turn every other character into `_`. */
const CROSSFADE = /^crossfade[^a-z0-9]/;
/** The same for a header that names the client. */
const FORWARDED = /^(?:forwarded$|x[^a-z0-9](?:forwarded(?:[^a-z0-9]|$)|real[^a-z0-9]ip$))/;
const UNUSUAL = /[^a-z0-9]/g;
const USUAL_NAME = /^[a-z-]+$/;
const C = 0x63;
const F = 0x66;
const X = 0x78;

/** Whether this client has no right to send a field of this name, in lower case; for headers and trailers. */
export function isSpoof(name: string, trusted: boolean): boolean {
  const first = name.charCodeAt(0);
  if (first === C) return CROSSFADE.test(name);
  if (first !== X && first !== F) return false;
  // A trusted proxy uses the usual spelling; `X_Forwarded_For` comes from its client.
  return FORWARDED.test(name) && !(trusted && USUAL_NAME.test(name));
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
