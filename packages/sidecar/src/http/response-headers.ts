import { isHopByHop, nominatedFields } from './hop-by-hop.ts';

/**
 * Turns the raw header section of the API's answer into names and values in turn, without what concerns only the
 * connection to the API. Everything else stays as it is: order, spelling, repetition.
 */
export function readResponseHeaders(rawHeaders: readonly (Buffer | string)[]): string[] {
  const nominated = nominatedFields(connectionValues(rawHeaders));
  const fields: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = text(rawHeaders[index]);
    const lower = name.toLowerCase();
    // `Trailer` announces the trailers that travel with the answer.
    if ((isHopByHop(lower) && lower !== 'trailer') || nominated.has(lower)) continue;
    fields.push(name, text(rawHeaders[index + 1]));
  }
  return fields;
}

/** Trailers that say something about framing, routing or the connection could change what a client makes of the answer. */
const NOT_A_TRAILER: ReadonlySet<string> = new Set([
  'content-length',
  'host',
  'set-cookie',
  'content-type',
  'content-encoding',
]);

/** Turns raw trailers into pairs (RFC 9110 §6.5.1). */
export function readTrailers(rawTrailers: readonly (Buffer | string)[]): [name: string, value: string][] {
  const trailers: [string, string][] = [];
  for (let index = 0; index + 1 < rawTrailers.length; index += 2) {
    const name = text(rawTrailers[index]);
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || NOT_A_TRAILER.has(lower)) continue;
    trailers.push([name, text(rawTrailers[index + 1])]);
  }
  return trailers;
}

function connectionValues(rawHeaders: readonly (Buffer | string)[]): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 10 && text(rawHeaders[index]).toLowerCase() === 'connection') {
      values.push(text(rawHeaders[index + 1]));
    }
  }
  return values;
}

/** Header fields are octets; latin1 keeps every one of them. */
function text(raw: Buffer | string | undefined): string {
  return typeof raw === 'string' ? raw : (raw?.toString('latin1') ?? '');
}
