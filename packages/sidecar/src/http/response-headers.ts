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

function connectionValues(rawHeaders: RawFields): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 10 && fieldText(rawHeaders[index]).toLowerCase() === 'connection') {
      values.push(fieldText(rawHeaders[index + 1]));
    }
  }
  return values;
}
