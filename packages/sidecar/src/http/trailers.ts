import { isHopByHop } from './hop-by-hop.ts';
import { fieldText, type RawFields } from './raw-fields.ts';
import { isSpoof } from './request-headers.ts';

/** Fields about framing, routing or content, which in a trailer could change how a client reads the response. */
const NOT_A_TRAILER: ReadonlySet<string> = new Set([
  'content-length',
  'host',
  'set-cookie',
  'content-type',
  'content-encoding',
]);

/** Turns raw trailers into pairs (RFC 9110 §6.5.1). */
export function readTrailers(rawTrailers: RawFields): [name: string, value: string][] {
  const trailers: [string, string][] = [];
  for (let index = 0; index + 1 < rawTrailers.length; index += 2) {
    const name = fieldText(rawTrailers[index]);
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || NOT_A_TRAILER.has(lower)) continue;
    trailers.push([name, fieldText(rawTrailers[index + 1])]);
  }
  return trailers;
}

/** Fields that identify the client or control the request: an API must not find them among its trailers. */
const NOT_A_REQUEST_TRAILER: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'dpop',
  'expect',
  'proxy',
  'range',
]);
/** However a proxy names the certificate of its client. */
const CERTIFICATE = /client[^a-z0-9]cert/;

/** The request trailers that are forwarded, as pairs. No client may name itself in them, not even a trusted proxy. */
export function requestTrailers(rawTrailers: readonly string[]): [name: string, value: string][] {
  return readTrailers(rawTrailers).filter(([name]) => {
    const lower = name.toLowerCase();
    return !NOT_A_REQUEST_TRAILER.has(lower) && !CERTIFICATE.test(lower) && !isSpoof(lower, false);
  });
}
