import { isHopByHop, nominatedFields } from './hop-by-hop.ts';
import { fieldText, type RawFields } from './raw-fields.ts';

/**
 * Turns the raw header section of the API's response into names and values in turn, without the fields that concern
 * only the connection to the API. Order, spelling and repetition stay.
 */
export function readResponseHeaders(rawHeaders: RawFields): string[] {
  const nominated = nominatedFields(connectionValues(rawHeaders));
  const fields: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = fieldText(rawHeaders[index]);
    const lower = name.toLowerCase();
    // `Trailer` announces the trailers of the response, which are forwarded.
    if ((isHopByHop(lower) && lower !== 'trailer') || nominated.has(lower)) continue;
    fields.push(name, fieldText(rawHeaders[index + 1]));
  }
  return fields;
}

/**
 * Adds fields of our own, each only where the API has sent none of its name.
 * @param fields names and values in turn; changed.
 * @param more names in lower case and values in turn.
 */
export function addAbsent(fields: string[], more: readonly string[]): string[] {
  if (more.length === 0) return fields;
  const sent = new Set(fields.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  for (let index = 0; index + 1 < more.length; index += 2) {
    const [name = '', value = ''] = more.slice(index, index + 2);
    if (!sent.has(name)) fields.push(name, value);
  }
  return fields;
}

/** Whether a response with this status has no content, even if the API sends some (RFC 9110 §15.3.6). */
export function resetsContent(status: number): boolean {
  return status === 205;
}

/** Makes the header fields of a response say that it has no content. */
export function withoutContent(fields: readonly string[]): string[] {
  const others = fields.flatMap((name, index) => {
    const isName = index % 2 === 0 && !/^(?:content-length|trailer)$/i.test(name);
    return isName ? [name, fields[index + 1] ?? ''] : [];
  });
  return [...others, 'Content-Length', '0'];
}

function connectionValues(rawHeaders: RawFields): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 10 && fieldText(rawHeaders[index]).toLowerCase() === 'connection') {
      values.push(fieldText(rawHeaders[index + 1]));
    }
  }
  return values;
}
