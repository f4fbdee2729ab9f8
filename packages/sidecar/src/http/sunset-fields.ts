import type { Judgement } from '@crossfade/core';
import type { HttpRejection } from '@crossfade/validator';

/** The fields that announce the end of the legacy audience, names in lower case and values in turn; empty for none. */
export type SunsetFields = readonly string[];

export const NO_FIELDS: SunsetFields = [];

/** The fields for the response to a request, which are those with a legacy token only. */
export function sunsetFieldsFor({ audience }: Pick<Judgement, 'audience'>, sunset: SunsetFields): SunsetFields {
  return audience === 'legacy' ? sunset : NO_FIELDS;
}

/** The response to a rejected token, with these fields. */
export function withFields(rejection: HttpRejection, fields: SunsetFields): HttpRejection {
  if (fields.length === 0) return rejection;
  const entries = fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []));
  return { ...rejection, headers: { ...rejection.headers, ...Object.fromEntries(entries) } };
}
